-- The component's own address: it is for Postward and the accounts here. What anybody else sends there gets no answer,
-- but for iqs, which must (RFC 6120 section 8.2.3).
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";

local hosts = prosody.hosts;
local xmlns_check = "urn:postward:check:1";

-- `component`: its name. `filtered`: the hosts that are. `session()`: the component's, if there is one.
-- `is_lasting(bare)`: whether it is an account whose owner can come back to it. `as_text(stanza)`: it, to be sent
-- inside another. `forwarder(message)`: what is known of who said what it forwards.
return function (component, filtered, session, is_lasting, as_text, forwarder)
	local guard = {};

	-- Whether this comes from a client of an account here.
	local function is_from_account(origin, from)
		return origin.type == "c2s" and from == origin.full_jid and is_lasting(jid.bare(from));
	end

	local function send_presence(to, kind)
		prosody.core_post_stanza(hosts[component], st.presence({ from = component, to = to, type = kind }));
	end

	-- Whoever may write to the component may have it among their contacts (RFC 6121 section 3), where it is there as long
	-- as somebody answers.
	local function answer_presence(presence)
		local kind, account = presence.attr.type, jid.bare(presence.attr.from);
		if kind == "subscribe" then
			send_presence(account, "subscribed");
			send_presence(account, not session() and "unavailable" or nil);
		elseif kind == "unsubscribe" then
			send_presence(account, "unsubscribed");
		elseif kind == "probe" then
			send_presence(presence.attr.from, not session() and "unavailable" or nil);
		end
	end

	-- The component has come or gone: whoever has it among their contacts sees it.
	function guard.show_presence()
		for account, user in pairs(prosody.bare_sessions) do
			local contact = user.roster and user.roster[component];
			if contact and (contact.subscription == "to" or contact.subscription == "both") and is_lasting(account) then
				send_presence(account, not session() and "unavailable" or nil);
			end
		end
	end

	-- An account's stanza goes over as text, in the name of its host.
	local function receive(event)
		local origin, stanza = event.origin, event.stanza;
		local kind = stanza.attr.type;
		if jid.host(stanza.attr.to) ~= component then return; end
		-- The host's own answers to the component's pings.
		if stanza.name == "iq" and (kind == "result" or kind == "error") and filtered[stanza.attr.from] then return; end
		local to = session();
		if stanza.name == "presence" then
			-- Prosody sends subscriptions in the account's name, not in the client's (RFC 6121 section 3.1.2).
			local client = origin.full_jid;
			if is_from_account(origin, client) and jid.bare(stanza.attr.from) == jid.bare(client) then
				answer_presence(stanza);
			end
		elseif to and is_from_account(origin, stanza.attr.from) then
			local speaker, occupant = forwarder(stanza);
			to.send(("<message from='%s' to='%s'><account xmlns='%s' forwarder='%s' occupant='%s'>%s</account></message>")
				:format(origin.host, component, xmlns_check, speaker or "", st.xml_escape(occupant or ""), as_text(stanza)));
		elseif stanza.name == "iq" and (kind == "get" or kind == "set") then
			origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
		end
		return true;
	end

	-- Whether this is the component's answer to a client that is gone: no other client of the account, nor its offline
	-- storage, shall get it (RFC 6121 section 8.5.3.2.1 would have it so).
	function guard.is_for_nobody(message)
		local to = message.attr.to;
		return message.name == "message" and jid.resource(to) ~= nil and not prosody.full_sessions[to];
	end

	-- The component is hidden from service discovery (`disco_hidden`), but for the accounts here.
	function guard.show(event)
		if is_from_account(event.origin, event.stanza.attr.from) and session() then
			event.reply:tag("item", { jid = component }):up();
		end
	end

	-- Begins, `component_module` being this module at the component's host.
	function guard.begin(component_module)
		for _, name in ipairs { "message", "presence", "iq" } do
			for _, where in ipairs { "/bare", "/full", "/host" } do
				component_module:hook(name .. where, receive, 1000);
			end
		end
	end

	return guard;
end
