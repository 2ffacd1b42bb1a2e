-- Who writes to whom: what is made of the two addresses of a stanza, and kept for the next one between them.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local find, sub = string.find, string.sub;

-- Pairs of addresses that are kept, and how long the two may be together: a stranger can have many.
local most, longest = 1000, 256;

local ends = {};
local kept, count = {}, 0; -- sender -> recipient -> what is made of them

-- The bare JID of one that Prosody has prepared, and its host: `util.jid` would check them again at each look, and
-- patterns are the dearest of what is done for each stanza.
function ends.bare(address)
	local slash = find(address, "/", 1, true);
	return slash and sub(address, 1, slash - 1) or address;
end

function ends.host(bare)
	local at = find(bare, "@", 1, true);
	return at and sub(bare, at + 1) or bare;
end

-- The queue of two bare JIDs.
function ends.key(from_bare, to_bare)
	return from_bare .. "\0" .. to_bare;
end

-- The ends of a stanza. What else is made of them is kept beside (`question.lib.lua`).
function ends.of(from, to)
	local of_sender = kept[from];
	local known = of_sender and of_sender[to];
	if known then return known; end
	local from_bare, to_bare = ends.bare(from), ends.bare(to);
	local new = { from_bare = from_bare, from_host = ends.host(from_bare), to_bare = to_bare,
		key = ends.key(from_bare, to_bare), head = false, head_host = false, head_name = false,
		head_type = false };
	if #from + #to > longest then return new; end
	if count >= most then kept, count, of_sender = {}, 0, nil; end
	if not of_sender then
		of_sender = {};
		kept[from] = of_sender;
	end
	of_sender[to], count = new, count + 1;
	return new;
end

return ends;
