-- What becomes of a stanza once it is decided: the one place that turns a verdict into what the sender sees.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local rostermanager = require "core.rostermanager";
local usermanager = require "core.usermanager";
local rooms = module:require "rooms";
local echo = module:require "echo";

local hosts = prosody.hosts;
local pcall = pcall;
local xmlns_muc_user = "http://jabber.org/protocol/muc#user";
local xmlns_occupant_id = "urn:xmpp:occupant-id:0";
local xmlns_check = "urn:postward:check:1";
local xmlns_stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";

local outcome = {};

local nobody = require "util.id".medium():lower(); -- the name of an account that isn't there

-- The item that is being released, its stanza, and the address that is for: MUC and mod_presence send one to many.
-- In it are the bare JIDs of the accounts that were asked about with a group message (`occupants`), and of those whose
-- copies are left out (`excepted`), or aren't (`only`).
local current, released, released_to;

-- The item of this stanza, if it is on its way after a verdict.
function outcome.released(stanza)
	return stanza == released and stanza.attr.to == released_to and current or nil;
end

-- Whether it is, whomever it is for by now.
function outcome.is_being_released(stanza)
	return stanza == released;
end

-- Whose stanza into a room of ours is being released: what the room says in its own name meanwhile, it says for them.
function outcome.author()
	return released and rooms.muc(jid.host(released_to)) and jid.bare(released.attr.from) or nil;
end

-- Whether this is the copy of a group message for somebody who doesn't want it.
function outcome.is_excepted(stanza, from_host)
	local excepted, only = current and current.excepted, current and current.only;
	if not excepted and not only or stanza.attr.type ~= "groupchat" or not rooms.muc(from_host) then return false; end
	local to = jid.bare(stanza.attr.to);
	return excepted and excepted[to] or only and not only[to];
end

-- Whether this is the copy of a group message for an account that has come since it was asked about.
function outcome.has_come_since(stanza, from_host)
	local asked = current and current.occupants;
	return asked ~= nil and stanza.attr.type == "groupchat" and rooms.muc(from_host) ~= nil
		and not asked[jid.bare(stanza.attr.to)];
end

-- Whether only some are to get the group message that is being fanned out.
function outcome.is_for_some()
	return current ~= nil and current.only ~= nil;
end

-- Where answers about a stanza go: its session, or by way of the host if that is gone. A room of ours would send what
-- it has kept straight to the session, and nobody would be asked about it.
local function answering(item)
	local origin, stanza = item.event.origin, item.stanza;
	if origin.destroyed or not origin.send
		or stanza.name == "iq" and rooms.is_archive_query(stanza) and rooms.muc(item.host) then
		return hosts[item.host];
	end
	return origin;
end

local function answer(item, kind, condition, text, by)
	local origin = answering(item);
	if origin then origin.send(st.error_reply(item.stanza, kind, condition, text, by)); end
end

local function pass_on(item)
	local origin = answering(item);
	if not origin then return; end
	local stanza, event, host, name = item.stanza, item.event, hosts[item.host], item.name;
	if name and event.stanza == stanza and host and host.type == "local" then
		-- Most stanzas are messages to accounts, whose way Prosody has found: the same event is fired once more.
		event.origin = origin;
		if not host.events.fire_event(name, event) and stanza.attr.type ~= "error" then
			answer(item, "cancel", "service-unavailable");
		end
	elseif event.kept then
		if origin == event.origin then origin.send(stanza); end
	elseif item.outgoing then
		prosody.core_route_stanza(origin, stanza); -- it has been through all that this server does with it
	else
		prosody.core_post_stanza(origin, stanza);
	end
end

local function release(item)
	local stanza = item.stanza;
	local outer, outer_released, outer_to = current, released, released_to;
	current, released, released_to = item, stanza, stanza.attr.to;
	local ok, err = pcall(pass_on, item);
	current, released, released_to = outer, outer_released, outer_to;
	if not ok then module:log("error", "Releasing a %s failed: %s", stanza.name, err); end
end

-- A group message into a room of ours that nobody else shall see (the sender's own screen shows it, on `drop`).
local function keep_from_room(item, refuse)
	local stanza = item.stanza;
	local room = rooms.muc(item.host).get_room_from_jid(stanza.attr.to);
	local occupant = room and room:get_occupant_by_real_jid(stanza.attr.from);
	if not occupant or not occupant.role then return release(item); end -- the room itself answers strangers
	local subject = rooms.is_subject(stanza);
	if subject and not echo.may_set_subject(room, occupant) then return release(item); end -- nor does the room itself
	-- A subject is everybody's.
	if item.only and not subject then
		item.only[occupant.bare_jid] = true;
		return release(item);
	end
	if refuse or occupant.role == "visitor" then -- XEP-0045 section 7.4
		return answer(item, "auth", "forbidden", "You do not currently have permission to speak in this chat");
	end
	echo.show(room, occupant, stanza, answering(item));
end

-- An element without anything in it, and with these attributes alone.
local function bare(tag, attributes)
	local attr = { xmlns = tag.attr.xmlns };
	for _, name in ipairs(attributes) do attr[name] = tag.attr[name]; end
	return st.stanza(tag.name, attr);
end

-- Who an occupant is, and what became of them (XEP-0045 section 7). A change of nick is a going: what comes under the
-- new one is judged for itself. The resource of their JID is what they like.
local function bare_occupant(x, is_ours)
	local new = bare(x, {});
	for _, tag in ipairs(x.tags) do
		if tag.name == "item" then
			local item = bare(tag, { "affiliation", "role", "jid", is_ours and "nick" or nil });
			if not is_ours then item.attr.jid = jid.bare(item.attr.jid); end
			new:add_child(item);
		elseif tag.name == "status" and (is_ours or tag.attr.code ~= "303") then
			new:add_child(bare(tag, { "code" }));
		elseif tag.name == "destroy" then
			new:add_child(bare(tag, {})); -- where to go instead, somebody may have made up
		end
	end
	return new;
end

-- Whether this message ends a join to a room (XEP-0045 section 7.2.15): clients wait for it. It comes from whoever set
-- the subject.
local function ends_join(stanza)
	return stanza.attr.type == "groupchat" and stanza:get_child("subject") ~= nil and not stanza:get_child("body")
		and rooms.is_source(stanza);
end

-- What must arrive whoever sent it (that somebody went, that something failed, who is in a room, that it is joined),
-- without a stranger's words.
local function release_bare(item)
	local stanza = item.stanza;
	local new = bare(stanza, { "from", "to", "id", "type" });
	local x, err = stanza:get_child("x", xmlns_muc_user), stanza:get_child("error");
	local occupant = stanza:get_child("occupant-id", xmlns_occupant_id);
	if stanza.attr.type == "error" then
		local bare_error = err and bare(err, { "type", "code" }) or st.stanza("error", { type = "cancel" });
		for _, tag in ipairs(err and err.tags or {}) do
			if tag.attr.xmlns == xmlns_stanzas and tag.name ~= "text" then bare_error:add_child(bare(tag, {})); end
		end
		new:add_child(bare_error);
	elseif stanza.name == "message" then
		new:add_child(st.stanza("subject"));
	elseif x then
		new:add_child(bare_occupant(x, rooms.has_status(stanza, "110")));
		if occupant then new:add_child(bare(occupant, { "id" })); end
	end
	item.stanza = new;
	release(item);
end

local function enters_room(item)
	return rooms.muc(item.host) and jid.resource(item.stanza.attr.to);
end

-- Presence into a room of ours that has listed words in it. Whoever isn't answered waits to be in: to them a nick is
-- taken, as one is that somebody has reserved (XEP-0045 section 7.2.8), and what they say of themselves is left out.
local function enter_without_words(item)
	local stanza = item.stanza;
	local to = stanza.attr.to;
	local room = rooms.muc(item.host).get_room_from_jid(jid.bare(to));
	local there = room and room:get_occupant_by_nick(to); -- since before the word was listed
	if item.by_nick and not (there and there.bare_jid == jid.bare(stanza.attr.from)) then
		return answer(item, "cancel", "conflict", nil, jid.bare(to));
	end
	local new = bare(stanza, { "from", "to", "id" });
	for _, tag in ipairs(stanza.tags) do
		if rooms.enters_silently(tag) then new:add_child(tag); end
	end
	item.stanza = new;
	release(item);
end

-- Whether the presence must arrive: that somebody went, and who is in a room that our own user is in (XEP-0045 section
-- 7.1.2) where the room is ours, or the user themselves are meant, or it is told who somebody is: who is blocked can be
-- there and read, and that must be seen. `by_words`: the nick may be what is blocked.
local function must_arrive(stanza, by_words)
	if stanza.attr.type == "unavailable" then return true; end
	local room = jid.bare(stanza.attr.from);
	if rooms.muc(jid.host(room)) then return true; end
	return (rooms.has_status(stanza, "110") or not by_words and rooms.tells_who(stanza))
		and rooms.has_directed(jid.bare(stanza.attr.to), room);
end

-- Whether Prosody itself answers this request and shows it to nobody, so that it may be answered as anybody's: to a
-- host or a room what only asks; for its words what an account is asked, too, and what somebody without a say wants of
-- a room.
local function is_for_server(item, room)
	local from, to, kind = item.stanza.attr.from, item.stanza.attr.to, item.stanza.attr.type;
	if kind == "get" and (room or not jid.node(to)) then return true; end
	return item.by_words and not jid.resource(to)
		and not (room and (room:get_affiliation(from) or room:get_occupant_by_real_jid(from)));
end

-- Whether it reaches nobody, whoever sent it: a host, a room or an address that nobody has. Prosody answers everybody
-- then, and silence would tell who is blocked, or which words are. Postward's own probes end at the host.
local function reaches_nobody(item)
	local stanza = item.stanza;
	local name, kind, from, to = stanza.name, stanza.attr.type, stanza.attr.from, stanza.attr.to;
	if name == "presence" and not kind then return false; end -- joins, or makes, a room
	local node, host, resource = jid.split(to);
	local muc, here = rooms.muc(item.host), hosts[host];
	local room = muc and node and muc.get_room_from_jid(node .. "@" .. host);
	if muc and node and not room then return true; end
	if node and here and here.type == "local" and not usermanager.user_exists(node, host) then return true; end
	if room and resource then
		return not (room:get_occupant_by_real_jid(from) and room:get_occupant_by_nick(to));
	end
	if name == "iq" then return is_for_server(item, room); end
	if not node then return not stanza:get_child("probe", xmlns_check); end
	-- The room passes on group messages, invitations and requests for voice.
	return room and (name ~= "message" or kind ~= "groupchat"
		and not stanza:get_child("x", xmlns_muc_user) and not stanza:get_child("x", "jabber:x:data"));
end

-- A subscription request, and a contact's probe, get what they get of an account whose clients are all gone (RFC 6121
-- sections 3.1.3 and 4.3.2, as Prosody does it: it answers no other probe); the account hears of neither.
local function answer_as_away(item)
	local from, to = item.stanza.attr.from, jid.bare(item.stanza.attr.to);
	local contact = jid.bare(from);
	local is_probe = item.stanza.attr.type == "probe";
	local node, host = jid.split(to);
	if is_probe and not rostermanager.is_contact_subscribed(node, host, contact) then return; end
	local presence = st.presence({ type = "unavailable", from = to, to = is_probe and from or contact });
	release({ host = item.host, event = { origin = hosts[item.host] }, stanza = presence });
end

local function is_account(address)
	local node, host, resource = jid.split(address);
	return node and not resource and not rooms.muc(host);
end

-- Requests to an account are answered by Prosody itself, some of them (pings) also to one that isn't there: whoever is
-- turned away gets what they would get there.
local function answer_as_nobody(item)
	local origin = answering(item);
	if not origin then return; end
	local to, absent = item.stanza.attr.to, nobody .. "@" .. item.host;
	local request = st.clone(item.stanza);
	request.attr.to = absent;
	local asker = { send = function (reply)
		if reply.attr.from == absent then reply.attr.from = to; end
		if tostring(reply):find(nobody, 1, true) then return answer(item, "cancel", "service-unavailable"); end
		return origin.send(reply);
	end };
	release({ host = item.host, event = { origin = setmetatable(asker, { __index = origin }) }, stanza = request });
end

local function turn_away(item, refuse)
	local stanza = item.stanza;
	local name, kind = stanza.name, stanza.attr.type;
	if kind == "error" or name == "presence" and must_arrive(stanza, item.by_words) then
		release_bare(item);
	elseif reaches_nobody(item) then
		release(item);
	elseif name == "presence" and not kind and item.by_words and enters_room(item) then
		enter_without_words(item);
	elseif name == "presence" then
		if (kind == "subscribe" or kind == "probe") and not rooms.muc(item.host) then answer_as_away(item); end
	elseif name == "iq" and is_account(stanza.attr.to) then
		answer_as_nobody(item);
	elseif name == "iq" then -- always answered (RFC 6120 section 8.2.3)
		answer(item, "cancel", "service-unavailable");
	elseif kind == "groupchat" and rooms.muc(item.host) then
		keep_from_room(item, refuse);
	elseif ends_join(stanza) then
		release_bare(item);
	elseif kind ~= "headline" and (refuse or kind == "groupchat") and not rooms.is_source(stanza) then
		-- No account gets a group message from whoever is no room; silence would tell here, too. A client that is
		-- there answers as one that isn't.
		answer(item, "cancel", "service-unavailable");
	end
end

-- The sender shall try again later; presence and what belongs to rooms can't be tried again.
local function hold_off(item)
	local stanza = item.stanza;
	if stanza.name == "presence" or item.outgoing or stanza.attr.type == "error" or rooms.muc(item.host)
		or stanza.name == "message" and (stanza.attr.type == "groupchat" or rooms.is_source(stanza)) then
		release(item);
	else
		answer(item, "wait", "resource-constraint");
	end
end

-- What a verdict may say.
local acts = {
	deliver = release;
	drop = function (item) turn_away(item, false); end;
	refuse = function (item) turn_away(item, true); end;
	["hold-off"] = hold_off;
	withhold = function () end; -- a member's presence that isn't for whom they blocked
};

function outcome.exists(action)
	return acts[action] ~= nil;
end

function outcome.act(item)
	if item.action == "deliver" then return release(item); end -- most are, and it fails by itself
	local ok, err = pcall(acts[item.action], item);
	if not ok then module:log("error", "Carrying out a verdict failed: %s", err); end
end

return outcome;
