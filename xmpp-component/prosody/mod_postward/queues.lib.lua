-- The order in which stanzas go on: that in which they came, for each sender and recipient.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

-- `act(item)`: carries out what was decided. `look_again(item, key)`: decides, or asks, about an item whose turn has
-- come and that is marked `again`.
return function (act, look_again)
	local queues = {};
	local waiting = {}; -- key -> items in the order of arrival

	-- The queue of two bare JIDs.
	function queues.key(from_bare, to_bare)
		return from_bare .. "\0" .. to_bare;
	end

	-- Whether anything of these two is undecided.
	function queues.any(key)
		return waiting[key] ~= nil;
	end

	-- Lets everything go that is decided and has nothing undecided before it.
	function queues.advance(queue)
		if queue.busy then return; end -- releasing made more of the same queue ready
		queue.busy = true;
		while queue.first <= queue.last do
			local item = queue[queue.first];
			if item.again then
				item.again = nil;
				look_again(item, queue.key);
			end
			if not item.action then break; end
			queue[queue.first] = nil;
			queue.first = queue.first + 1;
			act(item);
		end
		queue.busy = nil;
		if queue.first > queue.last then waiting[queue.key] = nil; end
	end

	function queues.add(item, key)
		local queue = waiting[key];
		if not queue then
			queue = { key = key, first = 1, last = 0 };
			waiting[key] = queue;
		end
		item.queue = queue;
		queue.last = queue.last + 1;
		queue[queue.last] = item;
		if item.action then queues.advance(queue); end
	end

	return queues;
end
