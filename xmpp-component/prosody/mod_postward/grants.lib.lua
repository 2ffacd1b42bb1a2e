-- Grants: stanzas of one sender to one recipient pass without a question, as long as nothing is listed that could stop
-- them.
--
-- The component gives a grant with an answer, under the revision of its lists, and news of another revision ends all of
-- them. None is used beyond the lease, which runs from the last question that was answered under this revision: so an
-- edit is in force when this module has answered its news, or after one lease at the latest, even if nobody here got to
-- hear of it.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local monotonic = require "util.time".monotonic;

local most = 2000; -- grants that are kept; whoever is turned out is asked about again

-- `ask(passed, time)`: asks the component to begin the lease anew, as of this time, and says how many stanzas have
-- passed since last time. The answer comes to `renew`.
return function (ask)
	local grants = {};
	local given, count = {}, 0; -- sender and recipient -> "silent" or "text": what may pass
	local revision; -- of the lists; nil: none is known, and nothing passes
	local lease, ends, asked = 0, 0, 0; -- its length in seconds; when it ends; when it was last asked for
	local passed = 0;

	local function ask_again(time)
		asked = time;
		ask(passed, time);
		passed = 0;
	end

	-- Other lists are in force.
	function grants.begin(new_revision, new_lease)
		given, count = {}, 0;
		revision, lease, ends = new_revision, tonumber(new_lease) or 0, 0;
	end

	-- There is no component any more, or no more of its answers are to come.
	function grants.stop()
		grants.begin(nil, 0);
	end

	-- The component answered, under this revision, what it had been asked at this time: a question, or `ask`.
	function grants.renew(of_revision, when)
		if revision and of_revision == revision and when + lease > ends then ends = when + lease; end
	end

	-- Whether just this may pass already.
	function grants.has(key, kind)
		return given[key] == kind;
	end

	-- The component lets such stanzas pass.
	function grants.take(key, kind, of_revision)
		if kind ~= "silent" and kind ~= "text" or not revision or of_revision ~= revision then return; end
		if not given[key] then
			if count >= most then given, count = {}, 0; end
			count = count + 1;
		end
		given[key] = kind;
	end

	-- What is between these two is no longer one sender's.
	function grants.drop(key)
		if given[key] then given[key], count = nil, count - 1; end
	end

	-- Whether a stanza of this kind (`plain.kind`) may pass.
	function grants.allow(key, kind)
		local known = given[key];
		if not known or not kind or kind == "text" and known ~= "text" then return false; end
		local time = monotonic();
		if time >= ends then return false; end
		passed = passed + 1;
		-- With most of it left, so that the answer comes in time on a busy machine, too.
		if time >= ends - lease * 2 / 3 and time >= asked + lease / 3 then ask_again(time); end
		return true;
	end

	-- Called every second: what has passed is told at last.
	function grants.sweep()
		if passed > 0 then ask_again(monotonic()); end
	end

	return grants;
end
