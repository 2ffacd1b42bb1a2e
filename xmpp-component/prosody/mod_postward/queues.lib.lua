-- The order in which stanzas go on: that in which they came, for each sender and recipient.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

-- `act(item)`: carries out what was decided; `done(item)`: it has gone. `look_again(item, key)`: decides, or asks,
-- about an item whose turn has come and that is marked `again`.
return function (act, done, look_again)
	local queues = {};
	local waiting = {}; -- key -> the first and last of the items that wait; each knows the next, in the order of arrival

	-- Whether anything of these two is undecided.
	function queues.any(key)
		return waiting[key] ~= nil;
	end

	-- Lets everything go that is decided and has nothing undecided before it.
	function queues.advance(queue)
		if queue.busy then return; end -- releasing made more of the same queue ready
		queue.busy = true;
		local item = queue.first;
		while item do
			if item.again then
				item.again = nil;
				look_again(item, queue.key);
			end
			if not item.action then break; end
			act(item);
			local went = item;
			item = item.next;
			queue.first = item;
			done(went);
		end
		queue.busy = false;
		if not item then waiting[queue.key] = nil; end
	end

	function queues.add(item, key)
		local queue = waiting[key];
		if not queue then
			queue = { key = key, first = item, last = item, busy = false };
			waiting[key] = queue;
		else
			queue.last.next = item;
			queue.last = item;
		end
		item.queue = queue;
		if item.action then queues.advance(queue); end
	end

	return queues;
end
