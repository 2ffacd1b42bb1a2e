-- What the sender of a group message that nobody else shall see gets of it from a room of ours: what they would get of
-- any other, so that they can't tell.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local uuid = require "util.uuid";
local new_id = require "util.id".medium;
local get_driver = require "core.storagemanager".get_driver;
local rooms = module:require "rooms";

local hosts = prosody.hosts;
local xmlns_ids = "urn:xmpp:sid:0";

local echo = {};

-- Whether the room lets this occupant set its subject (XEP-0045 section 8.1).
function echo.may_set_subject(room, occupant)
	return occupant.role == "moderator" or occupant.role == "participant" and room:get_changesubject() == true;
end

-- Whether the room's archive would keep this message, as mod_muc_mam decides it.
local function is_archived(room, message, host)
	local options, archiving = module:context(host), room._data.archiving;
	if archiving == nil then archiving = options:get_option_boolean("muc_log_by_default", true); end
	return (archiving or options:get_option_boolean("muc_log_all_rooms", false))
		and hosts[host].events.fire_event("muc-message-is-historic", { room = room, stanza = message });
end

-- An id such as Prosody's storage gives what it archives.
local function archive_id(host)
	local _, driver = get_driver(host, "muc_log");
	if uuid.v7 and driver ~= "memory" then return uuid.v7(); end -- since Prosody 13
	return driver == "sql" and uuid.generate() or new_id();
end

-- With a `stanza-id` (XEP-0359) of the room's, where mod_muc_mam gives one, and none that the sender made up.
local function identify(room, message, host)
	if not hosts[host].modules.muc_mam then return; end
	message:maptags(function (tag)
		local forged = tag.name == "stanza-id" and tag.attr.xmlns == xmlns_ids and jid.prep(tag.attr.by) == room.jid;
		return not forged and tag or nil;
	end);
	if not is_archived(room, message, host) then return; end
	message:add_direct_child(st.stanza("stanza-id", { xmlns = xmlns_ids, by = room.jid, id = archive_id(host) }));
end

-- Shows a subject that isn't set: of what is sent to set one, the room broadcasts nothing else.
local function show_subject(room, occupant, message)
	local new = st.message({ from = occupant.nick, type = "groupchat" });
	room:route_to_occupant(occupant, new:text_tag("subject", message:get_child_text("subject")));
end

-- `origin`: where answers go.
function echo.show(room, occupant, message, origin)
	if rooms.is_subject(message) then return show_subject(room, occupant, message); end
	local host = jid.host(room.jid);
	message.attr.id = message.attr.id or new_id();
	-- What Prosody does to a group message before it broadcasts it: limits, occupant-id (XEP-0421).
	local event = { room = room, origin = origin, stanza = message, from = message.attr.from, occupant = occupant };
	if hosts[host].events.fire_event("muc-occupant-groupchat", event) then return; end
	message.attr.from = occupant.nick;
	identify(room, message, host);
	room:route_to_occupant(occupant, message);
end

return echo;
