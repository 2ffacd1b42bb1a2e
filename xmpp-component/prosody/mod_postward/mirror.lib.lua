-- What accounts block by the button of their chat client (XEP-0191): mod_blocklist keeps it, the component is told.
--
-- mod_blocklist fires no event: its requests are watched, and its storage is read once it has handled them. One list is
-- told at a time, in parts if it is long, and counts as told when the component has answered. One that fails is told
-- again later, and holds up no other; one that is refused waits for its next change.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local jid = require "util.jid";
local timer = require "util.timer";
local new_id = require "util.id".short;
local now = require "util.time".now;

local xmlns_check = "urn:postward:check:1";
local xmlns_blocking = "urn:xmpp:blocking";
-- Bytes of JIDs that go into one part of a list: it must stay far below 512 KiB.
local most_bytes = 200 * 1024;
local patience = 30; -- seconds until a list that wasn't answered has failed
local most_delay = 300; -- seconds until a list that has failed again and again is told again

-- `is_account(bare)`: whether it is an account of a filtered host. `is_there()`: whether the component is.
-- `tell(stanza)`: sends it to the component, if it is there.
return function (is_account, is_there, tell)
	local mirror = {};
	local stores = {}; -- host -> mod_blocklist's storage
	local waiting = {}; -- account -> true: its list is to be told; or the JID behind which it is to be told
	local failed = {}; -- account -> when its list is told again, and the delay until then: due, delay
	local asked; -- the list that is being told: id, account, deadline, and with which JID this part of it ends

	local function list_of(account)
		local node, host = jid.split(account);
		local list, err = stores[host]:get(node);
		if err then module:log("error", "A block list can't be read: %s", err); end
		return list or {}, not err;
	end

	-- The part of the list behind this JID (nil: from its beginning), and the JID that it ends with if it isn't the last.
	local function list_stanza(id, account, after)
		local list, readable = list_of(account);
		if not readable then return; end
		local blocked = {};
		for who in pairs(list) do
			if type(who) == "string" and not jid.resource(who) and (not after or after < who) then
				blocked[#blocked + 1] = who;
			end
		end
		table.sort(blocked);
		local stanza = st.iq({ type = "set", id = id, from = jid.host(account) })
			:tag("blocked", { xmlns = xmlns_check, account = account, after = after });
		local bytes = 0;
		for index, who in ipairs(blocked) do
			bytes = bytes + #who + 40;
			if bytes > most_bytes then
				stanza.tags[1].attr["until"] = blocked[index - 1];
				return stanza, blocked[index - 1];
			end
			stanza:text_tag("item", nil, { jid = who, made = tostring(list[who]) });
		end
		return stanza;
	end

	local function tell_next()
		if asked or not is_there() then return; end
		local account, after = next(waiting);
		while account do
			local id, stanza, last = "blocked-" .. new_id(), nil, nil;
			waiting[account] = nil;
			if stores[jid.host(account)] and is_account(account) then
				stanza, last = list_stanza(id, account, after ~= true and after or nil);
			end
			if stanza then
				asked = { id = id, account = account, deadline = now() + patience, last = last };
				if not tell(stanza) then
					waiting[account], asked = true, nil;
				end
				return;
			end
			account, after = next(waiting);
		end
	end

	-- The list that is being told has failed: the others come first.
	local function put_off()
		local before = failed[asked.account];
		local delay = before and math.min(before.delay * 2, most_delay) or 1;
		failed[asked.account] = { due = now() + delay, delay = delay };
		asked = nil;
	end

	-- Something is about to change this account's list: once that is done, it is told.
	local function tell_soon(account)
		timer.add_task(0, function ()
			waiting[account] = true;
			tell_next();
		end);
	end

	-- A client of an account blocks or unblocks somebody.
	local function watch(event)
		tell_soon(event.origin.username .. "@" .. (event.origin.host or ""));
	end

	-- The component is there: it may have missed anything.
	function mirror.tell_all()
		asked, failed = nil, {};
		for host, store in pairs(stores) do
			local ok, err = pcall(function ()
				for node in store:users() do waiting[node .. "@" .. host] = true; end
			end);
			if not ok then module:log("error", "Block lists can't be found: %s", err); end
		end
		tell_next();
	end

	-- The answer to a list.
	function mirror.hear(stanza)
		if not asked or stanza.attr.id ~= asked.id then return false; end
		local kind = stanza:get_error();
		if kind == "wait" then
			put_off();
		else
			local account = asked.account;
			if not kind then waiting[account] = waiting[account] or asked.last; end
			failed[account], asked = nil, nil;
		end
		tell_next();
		return true;
	end

	-- Called every second.
	function mirror.sweep()
		local time = now();
		if asked and asked.deadline <= time then put_off(); end
		for account, again in pairs(failed) do
			if again.due <= time then
				waiting[account] = true;
				again.due = math.huge; -- until it has failed again
			end
		end
		tell_next();
	end

	-- What of a request of the component's is still to be done: not what is blocked already, nor what was blocked again
	-- since it was removed.
	local function still_to_do(request, list)
		local found = {};
		for item in request:childtags("item") do
			local who = item.attr.jid;
			local since = who and list[who];
			if who and (request.name == "block" and since == nil or request.name == "unblock" and since ~= nil
				and (item.attr.made or tostring(since)) == tostring(since)) then
				found[#found + 1] = who;
			end
		end
		return found;
	end

	-- The component says what was removed from its lists, or is on them again: mod_blocklist does it as for a client,
	-- which saves it, and shows it to all clients.
	function mirror.change(stanza)
		local request = stanza:get_child("unblock", xmlns_check) or stanza:get_child("block", xmlns_check);
		if not request then return false; end
		local account = request.attr.account or "";
		local node, host = jid.split(account);
		if host ~= stanza.attr.to or not stores[host] or not is_account(account) then return true; end
		waiting[account] = true; -- what is blocked already, the component has missed
		local to_do = still_to_do(request, (list_of(account)));
		if not to_do[1] then -- an empty request would unblock everybody
			tell_next();
			return true;
		end
		local iq = st.iq({ type = "set", id = new_id(), from = account, to = account })
			:tag(request.name, { xmlns = xmlns_blocking });
		for _, who in ipairs(to_do) do iq:text_tag("item", nil, { jid = who }); end
		iq:up();
		-- mod_blocklist shows the change to the account's sessions, and fails where there are none.
		local sessions = prosody.hosts[host].sessions;
		local offline = sessions[node] == nil;
		if offline then sessions[node] = { sessions = {} }; end --luacheck: ignore 122
		local origin = { type = "c2s", username = node, host = host, full_jid = account, send = function () return true; end,
			log = module._log };
		local ok, err = pcall(prosody.hosts[host].events.fire_event,
			"iq-set/self/urn:xmpp:blocking:" .. request.name, { origin = origin, stanza = iq });
		if offline and sessions[node] and not next(sessions[node].sessions) then
			sessions[node] = nil; --luacheck: ignore 122
		end
		if not ok then module:log("error", "Changing a block list failed: %s", err); end
		return true;
	end

	-- Begins to watch a host, `host_module` being this module there.
	function mirror.begin(host_module)
		local host = host_module.host;
		if not prosody.hosts[host] or prosody.hosts[host].type ~= "local" then return; end
		stores[host] = host_module:open_store("blocklist");
		-- mod_blocklist's own hooks are at -1.
		host_module:hook("iq-set/self/urn:xmpp:blocking:block", watch, 1);
		host_module:hook("iq-set/self/urn:xmpp:blocking:unblock", watch, 1);
		-- Whoever gets the name next has blocked nobody.
		host_module:hook_global("user-deleted", function (gone)
			if gone.host == host then tell_soon(gone.username .. "@" .. host); end
		end);
	end

	function mirror.stop(host)
		stores[host] = nil;
	end

	return mirror;
end
