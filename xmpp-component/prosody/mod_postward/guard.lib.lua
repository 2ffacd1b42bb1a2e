-- The component's own address: it is for Postward and the accounts here. What anybody else sends there gets no answer,
-- but for iqs, which must (RFC 6120 section 8.2.3).
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";

local xmlns_check = "urn:postward:check:1";

-- `component`: its name. `filtered`: the hosts that are. `session()`: the component's, if there is one.
-- `is_lasting(bare)`: whether it is an account whose owner can come back to it. `as_text(stanza)`: it, to be sent
-- inside another.
return function (component, filtered, session, is_lasting, as_text)
	local guard = {};

	-- Whether this comes from a client of an account here.
	local function is_from_account(origin, from)
		return origin.type == "c2s" and from == origin.full_jid and is_lasting(jid.bare(from));
	end

	-- An account's stanza goes over as text, in the name of its host.
	local function receive(event)
		local origin, stanza = event.origin, event.stanza;
		local kind = stanza.attr.type;
		if jid.host(stanza.attr.to) ~= component then return; end
		-- The host's own answers to the component's pings.
		if stanza.name == "iq" and (kind == "result" or kind == "error") and filtered[stanza.attr.from] then return; end
		local to = session();
		if to and is_from_account(origin, stanza.attr.from) then
			to.send(("<message from='%s' to='%s'><account xmlns='%s'>%s</account></message>"):format(
				origin.host, component, xmlns_check, as_text(stanza)));
		elseif stanza.name == "iq" and (kind == "get" or kind == "set") then
			origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
		end
		return true;
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
