-- Who is behind the nicks in rooms elsewhere, as far as the room tells our user: in the presence of its occupants
-- (XEP-0045 section 7.2.3). It is the room's word: it may bring an occupant under a block, and never past one.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local jid = require "util.jid";
local next = next;
local rooms = module:require "rooms";

local xmlns_muc_user = "http://jabber.org/protocol/muc#user";
-- Occupants that are known to one account, and those of one room; any more are judged by their room alone.
local most, most_of_room = 2000, 500;

-- `is_account(bare)`: whether it is an account of a filtered host. `begins(room, account)`: from now on not all that
-- comes out of this room is one and the same sender's.
return function (is_account, begins)
	local elsewhere = {};
	local known = {}; -- account -> room -> the occupant's JID there -> the real bare JID
	local counts = {}; -- of occupants, by account
	local sizes = setmetatable({}, { __mode = "k" }); -- of occupants, by table of a room's
	local left = setmetatable({}, { __mode = "k" }); -- the account's clients that were told they are out, by the same
	local said = false; -- whether the log knows that there are too many

	local function forget(account, room)
		local here = known[account] and known[account][room];
		if not here then return; end
		counts[account] = counts[account] - sizes[here];
		known[account][room] = nil;
		if not next(known[account]) then known[account], counts[account] = nil, nil; end
	end

	local function note(account, room, occupant, real)
		local here = known[account] and known[account][room];
		local was = here and here[occupant];
		if was == real then return; end
		if not real then
			here[occupant], counts[account], sizes[here] = nil, counts[account] - 1, sizes[here] - 1;
			if not next(here) then forget(account, room); end
			return;
		end
		local count = counts[account] or 0;
		if not was and (count >= most or here and sizes[here] >= most_of_room) then
			if not said then
				module:log("warn", "An account sees more than %d people in a room elsewhere, or than %d in all such rooms: "
					.. "blocks of their addresses don't hold there for the rest", most_of_room, most);
			end
			said = true;
			return;
		end
		known[account] = known[account] or {};
		if not here then
			here = {};
			known[account][room], sizes[here] = here, 0;
			begins(room, account);
		end
		here[occupant] = real;
		if not was then counts[account], sizes[here] = count + 1, sizes[here] + 1; end
	end

	-- Presence that comes from `room`, or whatever that is, for an account.
	function elsewhere.hear(presence, room, account)
		local kind = presence.attr.type;
		local x = presence:get_child("x", xmlns_muc_user);
		if not x or kind and kind ~= "unavailable" then return; end
		local client = presence.attr.to;
		local here = known[account] and known[account][room];
		if kind and rooms.has_status(presence, "110") and not rooms.has_status(presence, "303") then
			-- Another of its clients may stay. What mod_presence notes of those that are out outlasts a kick.
			if not here or not prosody.full_sessions[client] then return; end
			left[here] = left[here] or {};
			left[here][client] = true;
			if not rooms.has_directed(account, room, left[here]) then forget(account, room); end
			return;
		end
		if not kind and here and left[here] then left[here][client] = nil; end
		local item = x:get_child("item");
		local real = not kind and item and item.attr.jid and jid.prep(jid.bare(item.attr.jid)) or nil;
		if real and (rooms.muc(jid.host(room)) or not is_account(account) or not rooms.has_directed(account, room)) then
			return;
		end
		note(account, room, presence.attr.from, real);
	end

	-- The real bare JID of an occupant of such a room.
	function elsewhere.behind(account, occupant)
		local here = known[account] and known[account][jid.bare(occupant)];
		return here and here[occupant];
	end

	-- Whether nothing is known of anybody, as is mostly so.
	function elsewhere.is_empty()
		return next(known) == nil;
	end

	-- The same of whoever this stanza is of (`rooms.speaker`), if it comes out of such a room.
	function elsewhere.real_jid(stanza, speaker)
		return not elsewhere.is_empty() and elsewhere.behind(jid.bare(stanza.attr.to), speaker);
	end

	-- Whether it is known of some occupant of this room who they are.
	function elsewhere.knows(room, account)
		return known[account] ~= nil and known[account][room] ~= nil;
	end

	-- The account has gone offline, and with it out of all rooms.
	function elsewhere.forget(account)
		known[account], counts[account] = nil, nil;
	end

	-- For the module's next load.
	function elsewhere.save()
		return { known = known, left = left };
	end

	function elsewhere.restore(saved)
		known, left = saved.known, saved.left or left;
		for account, of_account in pairs(known) do
			counts[account] = 0;
			for _, here in pairs(of_account) do
				sizes[here] = 0;
				for _ in pairs(here) do sizes[here] = sizes[here] + 1; end
				counts[account] = counts[account] + sizes[here];
			end
		end
	end

	return elsewhere;
end
