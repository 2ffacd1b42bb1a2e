-- A block holds outwards too: who is blocked sees nothing any more of when a member is at home, or reads (XEP-0191
-- section 3.3 lets nothing at all out; what a member writes is their own will, and goes).
--
-- What is remembered here, for accounts that are online: from whom they are hidden, and who has seen their presence.
-- The component decides; it says when its lists have changed, and is then asked about all who may look on.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local ipairs = ipairs;
local st = require "util.stanza";
local jid = require "util.jid";
local new_id = require "util.id".short;
local monotonic = require "util.time".monotonic;
local load_roster = require "core.rostermanager".load_roster;

local xmlns_check = "urn:postward:check:1";
local xmlns_event = "http://jabber.org/protocol/pubsub#event";

-- What a member's client sends by itself: typing (XEP-0085, 0022), receipts (0184), what was read (0333), what becomes
-- of a call that it got (0353; one that the member makes goes out). And, with false, what may stand beside it and
-- is nobody's word: hints (0334), ids (0359), what the member is called (0172), when it was (0203).
local answers_to_calls = { ringing = true, proceed = true, accept = true, reject = true };
local signals = {
	["http://jabber.org/protocol/chatstates"] = true;
	["jabber:x:event"] = true;
	["urn:xmpp:receipts"] = true;
	["urn:xmpp:chat-markers:0"] = true;
	["urn:xmpp:jingle-message:0"] = answers_to_calls;
	["urn:xmpp:hints"] = false;
	["urn:xmpp:sid:0"] = false;
	["http://jabber.org/protocol/nick"] = false;
	["urn:xmpp:delay"] = false;
};

-- What a member does without text: they invite (XEP-0249), call (0482), take back (0424, 0444), want attention (0224).
local deeds = {
	["jabber:x:conference"] = true;
	["urn:xmpp:call-invites:0"] = true;
	["urn:xmpp:call-message:1"] = true;
	["urn:xmpp:message-retract:0"] = true;
	["urn:xmpp:message-retract:1"] = true;
	["urn:xmpp:fasten:0"] = true;
	["urn:xmpp:reactions:0"] = true;
	["urn:xmpp:attention:0"] = true;
};

-- Whether there is text in an element: what people write, encrypt or link to is. Looks at no more than `depth` levels.
local function holds_text(tag, depth)
	if depth == 0 then return true; end
	for _, child in ipairs(tag) do
		if type(child) == "string" and child:find("%S") or type(child) == "table" and holds_text(child, depth - 1) then
			return true;
		end
	end
	return false;
end

-- Whether the message is a signal, and nothing in it is what a person wrote or did.
local function is_signal(message)
	local found = false;
	for _, tag in ipairs(message.tags) do
		local xmlns = tag.attr.xmlns;
		local signal = signals[xmlns or ""];
		if signal == answers_to_calls then
			if not answers_to_calls[tag.name] then return false; end
			found = true;
		elseif signal ~= nil then
			found = found or signal;
		elseif deeds[xmlns or ""] or (xmlns or tag.name ~= "thread") and holds_text(tag, 10) then
			return false;
		end
	end
	return found;
end

-- How many contacts go into one question: it must stay far below 512 KiB.
local contacts_at_once = 500;

-- `is_account(bare)`: whether it is an account of a filtered host. `ask(host, stanza)`: sends it to the component, if
-- there is one. `post(session, stanza)`: sends what was decided here, behind whatever waits for the same contact.
return function (is_account, ask, post)
	local outwards = {};
	local hidden = {}; -- account -> contact -> true
	local seen = {}; -- account -> contact -> true: got presence since the account came online
	local left = {}; -- of a round: what is still to be asked about, accounts and some of their contacts at a time
	local asked; -- the one of them that waits for an answer
	local stale = false; -- the lists have changed since this round began
	local parted = setmetatable({}, { __mode = "k" }); -- session -> contact -> true: has said goodbye to it

	local function note(set, account, contact, value)
		if value and not set[account] then set[account] = {}; end
		if set[account] then set[account][contact] = value; end
	end

	local function noted(set, account, contact)
		return set[account] ~= nil and set[account][contact] == true;
	end

	local function sessions(account)
		local user = prosody.bare_sessions[account];
		return user and user.sessions or {};
	end

	local function item(account, contact)
		local roster = load_roster(jid.split(account));
		return roster and roster[contact];
	end

	local function may_see(account, contact)
		local entry = item(account, contact);
		return entry ~= nil and (entry.subscription == "both" or entry.subscription == "from");
	end

	-- Whether the stanza would show that its sender, an account here, is about: presence, PEP events (XEP-0163), signals.
	function outwards.concerns(stanza, from_bare, to_bare)
		local name, kind = stanza.name, stanza.attr.type;
		local shows = name == "presence" and kind ~= "error"
			or name == "message" and kind == "headline" and stanza:get_child("event", xmlns_event) ~= nil
			or name == "message" and kind ~= "error" and kind ~= "groupchat" and is_signal(stanza);
		return shows and from_bare ~= to_bare and is_account(from_bare);
	end

	-- Whether it is known already that the recipient shall not see this.
	function outwards.is_hidden(stanza)
		return noted(hidden, jid.bare(stanza.attr.from), jid.bare(stanza.attr.to));
	end

	-- Such a stanza was let through: a goodbye, too, such as mod_blocklist's to whom a client blocks.
	function outwards.let_through(stanza)
		local kind, from, to = stanza.attr.type, stanza.attr.from, stanza.attr.to;
		if stanza.name ~= "presence" or kind and kind ~= "unavailable" then return; end
		if not kind then note(seen, jid.bare(from), jid.bare(to), true); end
		local session = prosody.full_sessions[from];
		if session and not jid.resource(to) then note(parted, session, to, kind and true); end
	end

	-- From now on this contact sees nothing of this account; who has seen it online sees it go.
	function outwards.hide(account, contact)
		if noted(hidden, account, contact) then return; end
		note(hidden, account, contact, true);
		if not noted(seen, account, contact) then return; end
		note(seen, account, contact, nil);
		local subscribed = may_see(account, contact);
		for _, session in pairs(sessions(account)) do
			local to = {};
			if subscribed and session.presence and not noted(parted, session, contact) then to[contact] = true; end
			for directed in pairs(session.directed or {}) do
				if jid.bare(directed) == contact then to[directed] = true; end
			end
			for address in pairs(to) do
				if session.directed then session.directed[address] = nil; end
				post(session, st.presence({ type = "unavailable", from = session.full_jid, to = address }));
			end
		end
	end

	-- The contact may look on again, and shows itself.
	local function show(account, contact)
		if not noted(hidden, account, contact) then return; end
		note(hidden, account, contact, nil);
		local entry = item(account, contact);
		local subscription = entry and entry.subscription or "none";
		local sees = subscription == "both" or subscription == "from";
		local any;
		for _, session in pairs(sessions(account)) do
			if session.presence then
				-- Their request may have been granted meanwhile; to whom that is no news it isn't told (RFC 6121 section
				-- 3.1.6).
				if sees and not any then
					post(session, st.presence({ type = "subscribed", from = account, to = contact }));
				end
				any = session;
				if sees then
					local presence = st.clone(session.presence);
					presence.attr.from, presence.attr.to = session.full_jid, contact;
					note(seen, account, contact, true);
					note(parted, session, contact, nil);
					post(session, presence);
				end
			end
		end
		if any and (subscription == "both" or subscription == "to") then
			post(any, st.presence({ type = "probe", from = any.full_jid, to = contact }));
		end
	end

	-- Everybody who may see this account online, or whom it may see: who was hidden from it is asked how they are.
	local function onlookers(account, user)
		local found = {};
		for contact in pairs(hidden[account] or {}) do found[contact] = true; end
		for contact in pairs(seen[account] or {}) do found[contact] = true; end
		for contact, entry in pairs(user.roster or {}) do
			if contact and entry.subscription ~= "none" then found[contact] = true; end
		end
		for _, session in pairs(user.sessions) do
			for directed in pairs(session.directed or {}) do found[jid.bare(directed)] = true; end
		end
		found[account] = nil;
		local list = {};
		for contact in pairs(found) do list[#list + 1] = contact; end
		return list;
	end

	-- Begins a round; the accounts' contacts are looked up when it is their turn.
	local function begin_round()
		left, stale = {}, false;
		for account in pairs(prosody.bare_sessions) do
			if is_account(account) then left[#left + 1] = { account = account }; end
		end
	end

	-- The contacts of the next account, some at a time; the rest of them is next.
	local function next_part()
		local part = table.remove(left);
		if not part or part.contacts then return part; end
		local user = prosody.bare_sessions[part.account];
		local list = user and onlookers(part.account, user) or {};
		for first = 1, #list, contacts_at_once do
			local contacts = {};
			for index = first, math.min(first + contacts_at_once - 1, #list) do contacts[#contacts + 1] = list[index]; end
			left[#left + 1] = { account = part.account, contacts = contacts };
		end
		return next_part();
	end

	-- One question at a time, so that a house full of contacts holds nothing up.
	local function ask_next()
		local part = next_part();
		if not part and stale then
			begin_round();
			part = next_part();
		end
		asked = part;
		if not part then return; end
		part.id, part.time = "look-" .. new_id(), monotonic();
		local question = st.iq({ type = "get", id = part.id, from = jid.host(part.account) })
			:tag("onlookers", { xmlns = xmlns_check, account = part.account });
		for _, contact in ipairs(part.contacts) do question:text_tag("contact", nil, { jid = contact }); end
		-- Without a component there is nobody to ask; it says what its lists are when it is back.
		if not ask(question) then left, asked, stale = {}, nil, false; end
	end

	-- Asks about all who may look on at anybody's presence here: the lists have changed. Edits that come while it is being
	-- asked make one more round together.
	function outwards.look_around()
		if asked then
			stale = true;
		else
			begin_round();
			ask_next();
		end
	end

	-- The component is there anew: it answers nothing of what was asked before.
	function outwards.stop_looking()
		left, asked, stale = {}, nil, false;
	end

	-- Goes on where no answer has come.
	function outwards.sweep(time, timeout)
		if asked and asked.time + timeout <= time then ask_next(); end
	end

	-- The answer: which of them shall see nothing.
	function outwards.hear(stanza)
		if not asked or stanza.attr.id ~= asked.id then return false; end
		local answer = stanza:get_child("hidden", xmlns_check);
		if stanza.attr.type == "result" and answer then
			local blocked = {};
			for contact in answer:childtags("contact") do blocked[contact.attr.jid or ""] = true; end
			for _, contact in ipairs(asked.contacts) do
				if blocked[contact] then
					outwards.hide(asked.account, contact);
				elseif not stale then
					-- Of older lists: who is blocked by now would see the member come back.
					show(asked.account, contact);
				end
			end
		end
		ask_next();
		return true;
	end

	-- An account has gone offline: it is asked anew when it comes back.
	function outwards.forget(account)
		hidden[account], seen[account] = nil, nil;
	end

	-- Whoever may look on may have seen the accounts that were online before this module was loaded for the first time.
	function outwards.begin(host)
		for account, user in pairs(prosody.bare_sessions) do
			if jid.host(account) == host and is_account(account) and not hidden[account] and not seen[account] then
				for _, contact in ipairs(onlookers(account, user)) do note(seen, account, contact, true); end
			end
		end
	end

	-- For the module's next load: whoever is hidden from would see the account go once more.
	function outwards.save()
		return { hidden = hidden, seen = seen };
	end

	function outwards.restore(saved)
		hidden, seen = saved.hidden, saved.seen;
	end

	return outwards;
end
