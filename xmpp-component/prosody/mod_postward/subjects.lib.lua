-- Who set the subjects of our rooms. A room keeps the author's nick alone, without an occupant-id (XEP-0421).
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local rooms = module:require "rooms";

local subjects = {};

-- A room begins to broadcast this message. The author of a new subject is kept with it, and shown to nobody.
function subjects.note(room, message)
	if not rooms.is_subject(message) then return; end
	local author = room:get_occupant_by_nick(message.attr.from);
	room._data.postward_subject = author and { by = author.bare_jid, time = room._data.subject_time };
end

-- The real bare JID of whoever set the room's subject; nil if it was set while nobody took note.
function subjects.author(room)
	local noted = room._data.postward_subject;
	return noted and noted.time == room._data.subject_time and noted.by or nil;
end

return subjects;
