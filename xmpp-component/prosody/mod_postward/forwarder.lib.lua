-- Who said what an account forwards to the component (XEP-0297): an occupant of a room bears an address like anybody's.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local jid = require "util.jid";
local load_roster = require "core.rostermanager".load_roster;
local rooms = module:require "rooms";

local path = "{urn:xmpp:forward:0}forwarded/{jabber:client}message@from";

-- The real bare JID behind an occupant of a room of ours, if the room tells this account (XEP-0045 section 4.2).
local function told(account, occupant)
	local host = jid.host(occupant);
	local muc = rooms.muc(host);
	local room = muc and muc.get_room_from_jid(jid.bare(occupant));
	if not room then return; end
	for _, other in room:each_occupant() do
		if other.bare_jid == account and (room:get_whois() == "anyone" or other.role == "moderator") then
			return rooms.real_jid(occupant, host);
		end
	end
end

-- `is_account(bare)`: whether it is an account of a filtered host. `elsewhere`: who is in rooms that aren't ours.
return function (is_account, elsewhere)
	-- "room" and, if the account may know, the occupant's real bare JID; "person"; nil if Prosody doesn't know.
	return function (stanza)
		local from = jid.prep(stanza:find(path));
		if not from then return; end
		local account, bare = jid.bare(stanza.attr.from), jid.bare(from);
		if rooms.muc(jid.host(bare)) then return "room", told(account, from); end
		local roster = load_roster(jid.split(account));
		if is_account(bare) or roster and roster[bare] then return "person"; end
		if rooms.has_directed(account, bare) then return "room", elsewhere.behind(account, from); end
	end
end
