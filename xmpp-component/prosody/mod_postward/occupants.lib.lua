-- Who is behind what our rooms have kept: nicks change hands, and whoever said something may be gone. It bears an
-- occupant-id (XEP-0421), which a room makes of the real bare JID.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local jid = require "util.jid";
local rooms = module:require "rooms";
local subjects = module:require "subjects";

local xmlns_occupant_id = "urn:xmpp:occupant-id:0";
-- Those who came to one room since it was last looked at whole; with more, whoever is gone is forgotten.
local most = 2000;

local occupants = {};
local known = setmetatable({}, { __mode = "k" }); -- room -> occupant-id -> the real bare JID
local left = setmetatable({}, { __mode = "k" }); -- room -> how many more fit

-- Those of a room that is looked at for the first time: its members, and who is there.
local function begin(room)
	local of_room = {};
	known[room], left[room] = of_room, most;
	for bare in room:each_affiliation() do of_room[room:get_occupant_id({ bare_jid = bare })] = bare; end
	for _, occupant in room:each_occupant() do of_room[room:get_occupant_id(occupant)] = occupant.bare_jid; end
	return of_room;
end

-- An occupant's presence is shown in a room.
function occupants.note(room, occupant)
	local id = occupant and occupant.stable_id;
	if not id then return; end
	local of_room = known[room] or begin(room);
	if of_room[id] then return; end
	if left[room] == 0 then of_room = begin(room); end
	of_room[id], left[room] = occupant.bare_jid, left[room] - 1;
end

-- The real bare JID of whoever said this message, which the room has kept.
function occupants.who_said(kept, room_host)
	local id, muc = kept:get_child("occupant-id", xmlns_occupant_id), rooms.muc(room_host);
	local room = muc and muc.get_room_from_jid(jid.bare(kept.attr.from));
	local author = room and rooms.is_subject(kept) and subjects.author(room);
	if author then return author; end
	-- Where rooms give none, it is the sender's own making.
	if not id or not room or not module:context(room_host):get_option_boolean("muc_occupant_id", true) then
		return rooms.real_jid(kept.attr.from, room_host);
	end
	return (known[room] or begin(room))[id.attr.id or ""];
end

return occupants;
