-- What the component says: what it answers to the questions that are open, and what it says of its own accord.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local tonumber = tonumber;
local monotonic = require "util.time".monotonic;
local outcome = module:require "outcome";

local xmlns_check = "urn:postward:check:1";

-- The bare JIDs in these children of a verdict; nil if there are none.
local function named(verdict, child)
	local found;
	for one in verdict:childtags(child, xmlns_check) do
		found = found or {};
		found[one.attr.jid or ""] = true;
	end
	return found;
end

-- `held`: id of the question -> the item that waits. `decide(id, item, action)`. `failure`: what decides without a
-- verdict. `lease_prefix`: what the id of the question for a lease begins with. `through_room(item)`: whether its
-- sender may be another one next time. `too_late()`: a stanza was to be stopped that had been decided about.
-- `session`, `tell`, and the other parts: those that hear something.
return function (held, decide, failure, lease_prefix, through_room, too_late, session, parts)
	local answers = {};
	local grants, question, outwards, mirror = parts.grants, parts.question, parts.outwards, parts.mirror;
	local last_heard = 0;

	-- When the component last gave a verdict.
	function answers.last_heard()
		return last_heard;
	end

	local function hear_verdict(stanza)
		local id = tonumber(stanza.attr.id);
		local item = held[id];
		local verdict = stanza.attr.type == "result" and stanza:get_child("verdict", xmlns_check) or nil;
		if not item and verdict and (verdict.attr.action == "drop" or verdict.attr.action == "refuse") then
			too_late();
		end
		if not item or item.host ~= stanza.attr.to then return; end
		item.marked = true;
		last_heard = monotonic();
		local action = verdict and verdict.attr.action or failure;
		if not outcome.exists(action) then action = failure; end
		if verdict and verdict.attr.hidden == "true" then
			action = "withhold";
			outwards.hide(jid.bare(item.stanza.attr.from), jid.bare(item.stanza.attr.to));
		elseif verdict then
			item.excepted, item.only = named(verdict, "except"), named(verdict, "only");
		end
		local by = verdict and verdict.attr.by;
		item.by_words, item.by_nick = by == "words" or by == "nick", by == "nick";
		decide(id, item, action);
		return true;
	end

	-- Questions whose stanzas are delivered, as many as are ready: ids, and ranges of them ("3-7").
	local function hear_delivered(stanza)
		local delivered = stanza.attr.type == "result" and stanza:get_child("delivered", xmlns_check);
		if not delivered then return; end
		last_heard = monotonic();
		local host, revision, grant = stanza.attr.to, delivered.attr.revision, delivered.attr.grant;
		for first, last in (delivered:get_text() or ""):gmatch("(%d+)%-?(%d*)") do
			local renewed = false;
			for id = tonumber(first), tonumber(last) or tonumber(first) do
				local item = held[id];
				if item and item.host == host then
					-- By the first of a range, which was asked before all others.
					if not renewed then grants.renew(revision, item.asked); end
					renewed = true;
					local key = grant and item.queue.key;
					if grant and not grants.has(key, grant) and not through_room(item) then
						grants.take(key, grant, revision);
					end
					decide(id, item, "deliver");
				end
			end
		end
		return true;
	end

	-- What the component says of its own accord: its lists have changed, or it is about to go.
	local function hear_news(stanza)
		local lists = stanza:get_child("lists", xmlns_check);
		local leaving = stanza:get_child("leaving", xmlns_check);
		if lists then
			grants.begin(lists.attr.revision, lists.attr.lease);
			question.begin(lists);
			outwards.look_around();
		end
		local changes = mirror.change(stanza);
		session.tell(st.iq({ type = "result", id = stanza.attr.id, from = stanza.attr.to }));
		if leaving then
			session.leave();
			grants.stop();
		end
		return lists ~= nil or leaving ~= nil or changes;
	end

	-- Whether grants still hold.
	local function hear_lease(stanza)
		local lease = stanza.attr.type == "result" and stanza:get_child("lease", xmlns_check);
		if not lease then return; end
		local id = stanza.attr.id;
		local time = id:sub(1, #lease_prefix) == lease_prefix and tonumber(id:sub(#lease_prefix + 1));
		if time then grants.renew(lease.attr.revision, time); end
		return true;
	end

	-- An iq for a host, the component being its sender.
	function answers.hear(stanza)
		local kind = stanza.attr.type;
		if kind == "set" then return hear_news(stanza) or nil; end
		if kind ~= "result" and kind ~= "error" then return; end
		return hear_delivered(stanza) or hear_verdict(stanza) or hear_lease(stanza) or outwards.hear(stanza)
			or mirror.hear(stanza) or parts.reports.hear(stanza) or nil;
	end

	return answers;
end
