-- Reports of spam and abuse that accounts make with a block (XEP-0377): the component is told, which knows what the
-- member shares of them.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local new_id = require "util.id".short;
local now = require "util.time".now;

local xmlns_check = "urn:postward:check:1";
local xmlns_reporting = "urn:xmpp:reporting:1";
-- Reports that wait for the component, of one account and of all; what is beyond them is lost.
local most_of_one, most = 20, 1000;
local most_bytes = 4096; -- of what the reporter wrote
local most_reason = 100; -- bytes; a longer reason is none that anybody knows
local patience = 30; -- seconds until a report that wasn't answered is told again

-- `is_account(bare)`: whether it is an account of a filtered host. `tell(stanza)`: sends it to the component, if it is
-- there.
return function (is_account, tell)
	local reports = {};
	local waiting = {}; -- id -> the report that the component hasn't taken yet, and when it is told again
	local counts, count = {}, 0; -- how many wait of each account, and of all

	local function tell_again(id)
		local report = waiting[id];
		report.due = now() + patience;
		return tell(st.clone(report.stanza));
	end

	local function watch(event)
		local origin, block = event.origin, event.stanza.tags[1];
		local account = origin.username .. "@" .. origin.host;
		if not is_account(account) then return; end
		for item in block:childtags("item") do
			local report, who = item:get_child("report", xmlns_reporting), jid.prep(item.attr.jid);
			local of_one = counts[account] or 0;
			if report and who and of_one < most_of_one and count < most then
				local id = "report-" .. new_id();
				local reason, words = report.attr.reason or "", report:get_child_text("text") or "";
				local about = { xmlns = xmlns_check, account = account, jid = who,
					reason = #reason <= most_reason and reason or "" };
				waiting[id] = { account = account, stanza = st.iq({ type = "set", id = id, from = origin.host })
					:text_tag("report", #words <= most_bytes and words or "", about) };
				counts[account], count = of_one + 1, count + 1;
				tell_again(id);
			end
		end
	end

	-- The answer to a report.
	function reports.hear(stanza)
		local report = waiting[stanza.attr.id];
		if not report then return false; end
		if stanza.attr.type == "result" then
			waiting[stanza.attr.id] = nil;
			local left = counts[report.account] - 1;
			counts[report.account], count = left > 0 and left or nil, count - 1;
		end
		return true;
	end

	-- The component is there: it may have missed some.
	function reports.tell_all()
		for id in pairs(waiting) do tell_again(id); end
	end

	-- For the module's next load.
	function reports.save()
		return waiting;
	end

	function reports.restore(saved)
		for id, report in pairs(saved) do
			waiting[id], report.due = report, 0;
			counts[report.account], count = (counts[report.account] or 0) + 1, count + 1;
		end
	end

	-- Called every second.
	function reports.sweep()
		local time = now();
		for id, report in pairs(waiting) do
			if report.due <= time then tell_again(id); end
		end
	end

	-- Begins to watch a host, `host_module` being this module there.
	function reports.begin(host_module)
		local host = prosody.hosts[host_module.host];
		if not host or host.type ~= "local" then return; end
		host_module:add_feature(xmlns_reporting);
		-- mod_blocklist's own hook is at -1, and changes what is in the request.
		host_module:hook("iq-set/self/urn:xmpp:blocking:block", watch, 1);
	end

	return reports;
end
