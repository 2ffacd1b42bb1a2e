-- What the component is asked about a stanza.
--
-- The stanza goes over as text: nothing that a stranger writes into it can break the component's own XML stream. It is
-- in a CDATA section, which it can't end: Prosody writes every ">" in it as an entity. Of a plain stanza nothing goes
-- over but who writes what to whom, in elements of our own.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local load_roster = require "core.rostermanager".load_roster;
local rooms = module:require "rooms";
local occupants = module:require "occupants";
local plain = module:require "plain";

local hosts = prosody.hosts;
local find, concat = string.find, table.concat;
local xmlns_check = "urn:postward:check:1";
local begin_plain = "<check xmlns='" .. xmlns_check .. "' host='";
local origins = { c2s = "c2s", s2sin = "s2s", s2sout = "s2s" };

-- Between apostrophes or tags. Most text needs nothing, and finding that out by a pattern would cost ten times as much.
local function escape(text)
	if find(text, "&", 1, true) or find(text, "<", 1, true) or find(text, ">", 1, true) or find(text, "'", 1, true) then
		return st.xml_escape(text);
	end
	return text;
end

local function text_of(tag)
	return escape(tag[2] and concat(tag) or tag[1] or "");
end

local function in_element(tag)
	return "<" .. tag.name .. ">" .. text_of(tag) .. "</" .. tag.name .. ">";
end

-- `component`: its name. `is_account(bare)`: whether it is an account of a filtered host. `elsewhere`: who is in rooms
-- that aren't ours. `author()`: whose stanza a room of ours is dealing with.
return function (component, is_account, elsewhere, author)
	local question = {};
	local tells_known = false; -- whether the component wants to know whom its recipient knows
	local takes_plain = false; -- whether it takes plain stanzas as they are
	local shown; -- the occupant whose presence a room of ours has last begun to show

	-- A room of ours begins to show the presence of this occupant, who may have left it.
	function question.about_presence_of(room, occupant)
		shown = occupant;
		occupants.note(room, occupant);
	end

	-- What the component says with the news of its lists.
	function question.begin(lists)
		tells_known = lists.attr.known == "true";
		takes_plain = lists.attr.plain == "true";
	end

	-- There is another component, and what it takes isn't known yet.
	function question.forget()
		takes_plain = false;
	end

	-- The whole stanza.
	function question.as_text(stanza)
		stanza.attr.xmlns = "jabber:client";
		local text = tostring(stanza);
		stanza.attr.xmlns = nil; -- Prosody ignores stanzas that keep it
		return "<![CDATA[" .. text .. "]]>";
	end

	-- The texts of a plain stanza, in elements.
	local function texts(stanza)
		local found = {};
		for _, tag in ipairs(stanza.tags) do
			if plain.is_text(stanza, tag) then found[#found + 1] = in_element(tag); end
		end
		return concat(found);
	end

	-- Whether the recipient has this sender on the roster, or has sent them its presence.
	local function is_known(stanza)
		local account, from = jid.bare(stanza.attr.to), jid.bare(stanza.attr.from);
		if not is_account(account) then return false; end
		local roster = load_roster(jid.split(account));
		return roster and roster[from] ~= nil or rooms.has_directed(account, from);
	end

	-- Those who are to get a group message, and are noted: somebody may come until it is decided.
	local function recipients(item)
		local stanza = item.stanza;
		local sender, also = jid.bare(stanza.attr.from), {};
		item.occupants, item.marked = {}, true;
		for _, bare in ipairs(rooms.occupants(stanza.attr.to, is_account)) do
			item.occupants[bare] = true;
			if bare ~= sender then also[#also + 1] = "<occupant jid='" .. escape(bare) .. "'/>"; end
		end
		return concat(also);
	end

	-- What the component can't see in the stanza.
	local function circumstances(item, between)
		local stanza, from_host, about = item.stanza, between.from_host, "";
		local into_room, of_room = rooms.muc(item.host), hosts[from_host] and rooms.muc(from_host);
		-- Nothing below is true of most: plain messages between accounts.
		if item.kind and stanza.name == "message" and not into_room and not of_room and not item.outwards and not tells_known
			and elsewhere.is_empty() and not item.outgoing then
			return about;
		end
		if into_room then
			about = "' room='true";
			local nick = stanza.attr.type == "groupchat" and rooms.nick_of(stanza.attr.from, stanza.attr.to);
			if nick then about = about .. "' nick='" .. escape(nick); end
			local addressed = stanza.name ~= "presence" and rooms.real_jid(stanza.attr.to, item.host);
			if addressed and is_account(addressed) then about = about .. "' addressed='" .. escape(addressed); end
		end
		local speaker, kept, occupant = stanza.attr.from, nil, nil;
		if not item.kind then speaker, kept = rooms.speaker(stanza); end
		if kept then
			occupant = occupants.who_said(kept, from_host);
		elseif of_room then
			occupant = rooms.real_jid(speaker, from_host, shown);
		end
		local claimed = not occupant and elsewhere.real_jid(stanza, speaker);
		local actor = stanza.name == "presence" and rooms.actor(stanza);
		actor = actor and (rooms.real_jid(actor, from_host) or elsewhere.real_jid(stanza, actor));
		local unsigned = of_room and not actor and not kept and (stanza.name == "presence" or not occupant);
		if unsigned and rooms.says_for_somebody(stanza) then
			actor = author();
			if actor == jid.bare(stanza.attr.to) then actor = nil; end
		end
		if actor then about = about .. "' actor='" .. escape(actor); end
		if occupant then about = about .. "' occupant='" .. escape(occupant); end
		if claimed then about = about .. "' claimed='" .. escape(claimed); end
		if item.outgoing or item.outwards then
			about = about .. "' outwards='" .. (item.outgoing and "only" or "too");
		end
		if tells_known and stanza.name ~= "presence" and is_known(stanza) then about = about .. "' known='true"; end
		return about;
	end

	-- What questions about such plain stanzas between these two begin with. It is kept for the next one.
	local function head(host, stanza, between)
		local name, kind = stanza.name, stanza.attr.type;
		if between.head_name ~= name or between.head_type ~= kind or between.head_host ~= host then
			between.head_name, between.head_type, between.head_host = name, kind, host;
			between.head = begin_plain .. host .. "' plain='" .. name .. "' from='" .. escape(stanza.attr.from) .. "' to='"
				.. escape(stanza.attr.to) .. (kind and "' type='" .. kind or "") .. "' id='";
		end
		return between.head;
	end

	-- The question about an item, as it is sent, in one piece or several. Who writes what to whom is all that there is to
	-- a plain stanza: it goes over beside all stanzas (XEP-0360), which costs both sides least.
	function question.about(item, between, id, text)
		local stanza, host, about = item.stanza, item.host, circumstances(item, between);
		if item.kind and takes_plain then
			local start = head(host, stanza, between);
			local body = text and text.name == "body" and (text[2] and concat(text) or text[1] or "");
			-- A body that is all there is goes as it is: one look for what would end it costs less than escaping.
			if body and not find(body, "]]>", 1, true) then
				return start, id, about == "" and "'><![CDATA[" or about .. "'><![CDATA[", body, "]]></check>";
			end
			return start, id, about .. "'>", item.kind == "text" and texts(stanza) or "", "</check>";
		end
		local also = "";
		if stanza.attr.type == "groupchat" and rooms.muc(host) then also = recipients(item); end
		return "<iq type='get' id='" .. id .. "' from='" .. host .. "' to='" .. component .. "'><check xmlns='"
			.. xmlns_check .. "' origin='" .. (origins[item.event.origin.type] or "component") .. about .. "'>"
			.. question.as_text(stanza) .. also .. "</check></iq>";
	end

	return question;
end
