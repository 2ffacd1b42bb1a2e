-- What becomes of a stanza once it is decided: the one place that turns a verdict into what the sender sees.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local rooms = module:require "rooms";

local hosts = prosody.hosts;
local xmlns_muc_user = "http://jabber.org/protocol/muc#user";

local outcome = {};

-- Weak keys: a released stanza -> the address it was released for. MUC and mod_presence send one object to many.
local released = setmetatable({}, { __mode = "k" });
local excepted; -- bare JIDs whose copies of the group message that is being fanned out are left out

-- Whether this stanza is on its way after a verdict.
function outcome.is_released(stanza)
	return released[stanza] == stanza.attr.to;
end

-- Whether this is the copy of a group message for somebody who doesn't want it.
function outcome.is_excepted(stanza, from_host)
	return excepted and stanza.attr.type == "groupchat" and rooms.muc(from_host) ~= nil
		and excepted[jid.bare(stanza.attr.to)];
end

-- Where answers about a stanza go: its session, or by way of the host if that is gone.
local function answering(item)
	local origin = item.origin;
	if origin.destroyed or not origin.send then return hosts[item.host]; end
	return origin;
end

local function release(item)
	local origin, stanza = answering(item), item.stanza;
	if not origin then return; end
	released[stanza] = stanza.attr.to;
	local outer = excepted;
	excepted = item.excepted;
	-- What is for another server has been through all that this one does with it.
	local pass_on = item.outgoing and prosody.core_route_stanza or prosody.core_post_stanza;
	local ok, err = pcall(pass_on, origin, stanza);
	excepted = outer;
	if not ok then module:log("error", "Releasing a %s failed: %s", stanza.name, err); end
end

local function answer(item, kind, condition, text)
	local origin = answering(item);
	if origin then origin.send(st.error_reply(item.stanza, kind, condition, text)); end
end

-- A group message into a room of ours that nobody else shall see (the sender's own screen shows it, on `drop`).
local function keep_from_room(item, refuse)
	local stanza = item.stanza;
	local room = rooms.muc(item.host).get_room_from_jid(stanza.attr.to);
	local occupant = room and room:get_occupant_by_real_jid(stanza.attr.from);
	if not occupant or not occupant.role then return release(item); end -- the room itself answers strangers
	if refuse or occupant.role == "visitor" then -- XEP-0045 section 7.4
		return answer(item, "auth", "forbidden", "You do not currently have permission to speak in this chat");
	end
	-- What Prosody does to a group message before it broadcasts it: limits, occupant-id (XEP-0421). It would set subjects.
	local event = { room = room, origin = answering(item), stanza = stanza, from = stanza.attr.from, occupant = occupant };
	if not stanza:get_child("subject") and hosts[item.host].events.fire_event("muc-occupant-groupchat", event) then
		return;
	end
	stanza.attr.from = occupant.nick;
	room:route_to_occupant(occupant, stanza);
end

-- What must arrive whoever sent it (that somebody went, that something failed), without a stranger's words.
local function release_bare(item)
	if item.stanza.attr.type == "error" then
		item.stanza:maptags(function (tag)
			if tag.name ~= "error" then return nil; end
			return tag:maptags(function (inner) return inner.name ~= "text" and inner or nil; end);
		end);
	else
		item.stanza:maptags(function (tag) return tag.attr.xmlns == xmlns_muc_user and tag or nil; end);
	end
	release(item);
end

local function turn_away(item, refuse)
	local stanza = item.stanza;
	local name, kind = stanza.name, stanza.attr.type;
	if kind == "error" or name == "presence" and kind == "unavailable" then
		release_bare(item);
	elseif name == "iq" then -- always answered (RFC 6120 section 8.2.3)
		answer(item, "cancel", "service-unavailable");
	elseif name == "message" and kind ~= "headline" then
		if kind == "groupchat" and rooms.muc(item.host) then
			keep_from_room(item, refuse);
		elseif refuse and not rooms.is_source(stanza) then
			answer(item, "cancel", "service-unavailable");
		end
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
	local ok, err = pcall(acts[item.action], item);
	if not ok then module:log("error", "Carrying out a verdict failed: %s", err); end
end

return outcome;
