-- Asks the Postward component about every stanza before anybody here gets it.
--
-- Loaded on each VirtualHost and MUC component. A stanza is swallowed, the component is asked (many questions are
-- in flight at a time), and a clone is put back into Prosody in the order in which the stanzas came.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

module:set_global();

local st = require "util.stanza";
local jid = require "util.jid";
local timer = require "util.timer";
local modulemanager = require "core.modulemanager";
local monotonic, now = require "util.time".monotonic, require "util.time".now;
local ends = module:require "ends";
local items = module:require "items";
local plain = module:require "plain";
local rooms = module:require "rooms";
local outcome = module:require "outcome";
local subjects = module:require "subjects";

local version = "0.1.0"; -- Postward's, which this module belongs to
-- What each stanza needs is local: in a module each look at a global is two.
local hosts = prosody.hosts;
local find, pcall = string.find, pcall;
local xmlns_check = "urn:postward:check:1";
local epoll = require "net.server".get_backend() == "epoll";

local component = module:get_option_string("postward_component");
local failure = module:get_option_string("postward_failure", "deliver");
local timeout = module:get_option_number("postward_timeout", 5);

if not component then
	error("postward_component is not set: give it the name of Postward's Component, such as \"postward.example.org\"", 0);
end
if failure ~= "deliver" and failure ~= "hold-off" then
	error("postward_failure is neither \"deliver\" nor \"hold-off\": " .. failure, 0);
end
if not timeout then error("postward_timeout is not a number of seconds", 0); end

local filtered = {}; -- host -> true, where this module is loaded
local held = {}; -- id of the question -> the item that waits for its verdict
-- Ids are of this load alone: an answer to a question asked before a reload must not decide about another stanza. They
-- begin with the time, counted faster than anybody can ask.
local id_prefix = require "util.id".short() .. "-";
local last_id = math.floor(now() * 10000);
local session = module:require "session" (component);
local status = module:require "status" (version, filtered, id_prefix .. "module", session.tell);
local grants, ask, outwards; -- defined below, of functions that are

local function is_account(bare)
	local node, host = jid.split(bare);
	return node ~= nil and filtered[host] and hosts[host] ~= nil and hosts[host].type == "local";
end

-- A message by which Postward sees whether it is asked; only the component itself can send from its host.
local function is_probe(stanza, from_host)
	return from_host == component and stanza:get_child("probe", xmlns_check) ~= nil;
end

-- Kinds of stanza that pass without a question. They still wait for those before them.
local function needs_no_question(stanza, between)
	local from_host = between.from_host;
	local name, kind = stanza.name, stanza.attr.type;
	-- A result or error that nobody asked for is shown by no client; errors of other stanzas may be, with all they hold.
	if name == "iq" and (kind == "result" or kind == "error") then return true; end
	if from_host == component then return not is_probe(stanza, from_host); end
	if between.from_bare == between.to_bare then return true; end -- an account and its own clients
	if name == "presence" and kind == "unavailable" and #stanza.tags == 0 then return true; end
	-- The fan-out of a room that is filtered itself: what went into it has been asked about. But presence wasn't for those
	-- who have its sender on their own lists, nor the history for those who have come since.
	return filtered[from_host] and rooms.muc(from_host) ~= nil and (kind == "groupchat" and not rooms.is_history(stanza)
		or name == "presence" and rooms.says_nothing(stanza));
end

local queues = module:require "queues" (outcome.act, items.done, function (item, key)
	-- What needed no question when it came may need one now.
	if grants.allow(key, item.kind) then
		item.action = "deliver";
		return;
	end
	local ok, err = pcall(ask, item, ends.of(item.stanza.attr.from, item.stanza.attr.to));
	if ok then return; end
	module:log("error", "A question can't be asked: %s", err);
	item.action = failure;
end);

local function decide(id, item, action)
	held[id] = nil;
	item.action = action;
	if item.outwards and action ~= "withhold" then outwards.let_through(item.stanza); end
	queues.advance(item.queue);
end

-- Decides all questions that are open (or only those that `chosen` picks) by the failure mode. The ids are collected
-- first: releasing a stanza can ask new questions.
local function settle(chosen)
	local ids = {};
	for id, item in pairs(held) do
		if not chosen or chosen(item) then ids[#ids + 1] = id; end
	end
	table.sort(ids);
	for _, id in ipairs(ids) do
		local item = held[id];
		if item then
			status.count_unjudged();
			decide(id, item, failure);
		end
	end
	return #ids;
end

local elsewhere = module:require "elsewhere" (is_account, function (room, account)
	grants.drop(ends.key(room, account));
end);
local question = module:require "question" (component, is_account, elsewhere, outcome.author);

local lease_prefix = id_prefix .. "lease-"; -- the time follows
grants = module:require "grants" (function (passed, time)
	local host = next(filtered);
	if not host then return; end
	session.tell(st.iq({ type = "get", id = lease_prefix .. time, from = host })
		:tag("lease", { xmlns = xmlns_check, passed = tostring(passed) }));
end);

outwards = module:require "outwards" (is_account, session.tell, function (client, stanza)
	local to_host = jid.host(stanza.attr.to);
	local here = hosts[to_host] ~= nil;
	local host = here and to_host or jid.host(stanza.attr.from);
	queues.add({ host = host, event = { origin = client }, stanza = stanza, outgoing = not here, action = "deliver" },
		ends.of(stanza.attr.from, stanza.attr.to).key);
end);

-- Whether it is an account whose owner can come back to it; guests (RFC 4505) can't.
local function is_lasting(bare)
	local users = is_account(bare) and hosts[jid.host(bare)].users;
	return users and users.name ~= "anonymous" or false;
end

local forwarder = module:require "forwarder" (is_account, elsewhere);
local guard = module:require "guard" (component, filtered, session.get, is_lasting, question.as_text, forwarder);
local mirror = module:require "mirror" (is_lasting, function () return session.get() ~= nil; end, session.tell);
local reports = module:require "reports" (is_lasting, session.tell);

-- A copy with a head and a list of children of its own. Whoever posts one stanza to many (mod_presence, MUC) changes no
-- more of it than that.
local function copy(stanza)
	local new = { name = stanza.name, attr = {}, tags = {}, namespaces = stanza.namespaces };
	for name, value in pairs(stanza.attr) do new.attr[name] = value; end
	for index, child in ipairs(stanza) do new[index] = child; end
	for index, tag in ipairs(stanza.tags) do new.tags[index] = tag; end
	return setmetatable(new, st.stanza_mt);
end

-- Sends a question, which may come in pieces. Prosody's `write` tells the kernel and a timer about each piece, which
-- costs as much as making the question: behind what already waits to be written by epoll's next turn, it needs neither,
-- and pieces are joined with all else that waits.
local function send_question(to, head, id, begin, text, finish)
	local waits = epoll and to.conn.writebuffer; -- a string or a list
	if not waits or not waits[1] then
		to.send(id and head .. id .. begin .. text .. finish or head);
		return;
	end
	local last = #waits;
	waits[last + 1] = head;
	if not id then return; end
	waits[last + 2], waits[last + 3], waits[last + 4], waits[last + 5] = id, begin, text, finish;
end

-- Asks about an item; where nobody can be asked, the failure mode decides at once. `text`: `plain.kind`'s.
function ask(item, between, text)
	local to = session.get();
	if not to or not filtered[item.host] then
		status.count_unjudged();
		item.action = failure;
		if item.outwards then outwards.let_through(item.stanza); end
		return;
	end
	local id = last_id + 1;
	last_id, item.asked = id, monotonic();
	send_question(to, question.about(item, between, id, text));
	held[id] = item;
end

-- Holds a stanza until it is decided. Nil: it may go on at once. `pass`: it needs no question; `looks_out`: it shows
-- that its sender, an account here, is about; `outgoing`: it is for another server; `name`: as in `items.new`.
local function hold(host, event, between, pass, looks_out, outgoing, name)
	local origin, stanza, key = event.origin, event.stanza, between.key;
	local kind, text, granted;
	if pass then
		if looks_out then outwards.let_through(stanza); end
	else
		kind, text = plain.kind(stanza);
		granted = (not looks_out or stanza.name == "message") and grants.allow(key, kind);
	end
	local waits = queues.any(key);
	if (pass or granted) and not waits then return; end
	local item = items.new(host, event, stanza, name, kind, pass and "deliver");
	if granted then item.again = true; end
	if looks_out then item.outwards, item.marked = true, true; end
	if outgoing then item.outgoing, item.marked = true, true; end
	if not pass and not granted then
		ask(item, between, text);
		if item.action == "deliver" and not waits then return; end
	end
	-- What a client or another server has sent is nobody else's.
	if stanza.name ~= "message" or not origin.conn then item.stanza = copy(stanza); end
	queues.add(item, key);
	return true;
end

-- A probe that was let through ends here: nobody shall see it.
local function end_probe(host, stanza)
	local from = stanza.attr.from;
	if not find(from, component, 1, true) or not is_probe(stanza, jid.host(from)) then return; end
	session.tell(st.iq({ type = "set", id = id_prefix .. "arrived", from = host })
		:tag("arrived", { xmlns = xmlns_check, token = stanza:get_child("probe", xmlns_check).attr.token }));
	return true;
end

-- What is for somebody here. `name`: the event's.
local function intercept(host, event, name)
	local stanza = event.stanza;
	local attr = stanza.attr;
	local from, to = attr.from, attr.to;
	if not from or not to then return; end
	local item = outcome.released(stanza);
	if item then
		if item.kind then return; end -- plain: no probe is
		return end_probe(host, stanza);
	end
	if from == component and guard.is_for_nobody(stanza) then return true; end
	local between = ends.of(from, to);
	local has_come_since = false;
	if attr.type == "groupchat" then
		has_come_since = outcome.has_come_since(stanza, between.from_host);
		if not has_come_since and outcome.is_excepted(stanza, between.from_host) then return true; end
	end
	local looks_out = filtered[between.from_host] and outwards.concerns(stanza, between.from_bare, between.to_bare);
	if looks_out and outwards.is_hidden(stanza) then return true; end
	local pass = not has_come_since and needs_no_question(stanza, between);
	local waits = hold(host, event, between, pass, looks_out, false, stanza.name == "message" and name);
	-- Behind the question: who put our user out of a room is known until then.
	if stanza.name == "presence" then elsewhere.hear(stanza, between.from_bare, between.to_bare); end
	return waits;
end

-- What leaves for another server: only what shows that a member is about is asked about.
local function intercept_outgoing(host, event)
	local stanza = event.stanza;
	if outcome.released(stanza) then return; end
	local between = ends.of(stanza.attr.from, stanza.attr.to);
	if outcome.is_excepted(stanza, host) then return true; end
	local looks_out = outwards.concerns(stanza, between.from_bare, between.to_bare);
	if looks_out and outwards.is_hidden(stanza) then return true; end
	local pass = not looks_out or stanza.attr.type == "unavailable";
	-- What Prosody answers by way of a session for what comes in has no origin.
	if not event.origin then event = { origin = hosts[host], stanza = stanza }; end
	return hold(host, event, between, pass, looks_out, true);
end

-- What Prosody has kept goes to a client's session, and no other way.
local requests = module:require "requests" (function (client, request)
	if not filtered[client.host] or outcome.is_being_released(request) then return false; end
	local event = { origin = client, stanza = request, kept = true };
	return hold(client.host, event, ends.of(request.attr.from, request.attr.to));
end);

-- What goes to a host here that isn't filtered, such as a gateway's: there is no other server's route.
local neighbours = {};
local function watch_neighbour(host)
	if host == component or neighbours[host] or not hosts[host] then return; end
	neighbours[host] = true;
	local context = module:context(host);
	for _, name in ipairs { "message", "presence" } do
		for _, where in ipairs { "/bare", "/full", "/host" } do
			context:hook(name .. where, function (event)
				if filtered[host] then return; end
				local from = event.stanza.attr.from;
				local from_host = from and ends.host(ends.bare(from));
				if not filtered[from_host] then return; end
				return intercept_outgoing(from_host, event);
			end, 1000);
		end
	end
end

-- Whoever hides behind a nick in a room may be another one next time.
local function through_room(item)
	local between = ends.of(item.stanza.attr.from, item.stanza.attr.to);
	return rooms.muc(item.host) or rooms.muc(between.from_host) or elsewhere.knows(between.from_bare, between.to_bare);
end

local answers = module:require "answers" (held, decide, failure, lease_prefix, through_room, status.count_late,
	session, { grants = grants, question = question, outwards = outwards, mirror = mirror, reports = reports });

local function hear(event)
	if event.stanza.attr.from == component then return answers.hear(event.stanza); end
end

local function came()
	grants.stop();
	question.forget();
	outwards.stop_looking();
	status.report();
	mirror.tell_all();
	reports.tell_all();
	guard.show_presence();
end

local function went()
	grants.stop();
	guard.show_presence();
	local count = settle();
	if count > 0 then
		module:log("warn", "Postward's component disconnected; %d stanzas are settled by postward_failure", count);
	end
end

session.begin(came, went, guard.begin);
for host in pairs(hosts) do watch_neighbour(host); end
module:hook_global("host-activated", watch_neighbour);
module:hook_global("host-deactivated", function (host) neighbours[host] = nil; end);
module:hook_global("host-activated", function () status.report(); end, -1000); -- behind all that loads modules there
module:hook_global("host-deactivated", function () status.report(); end, -1000);
module:hook_global("server-stopping", function () settle(); end);

local sweeping = true;
timer.add_task(1, function ()
	if not sweeping then return; end
	local time = monotonic();
	-- A sender can make questions wait by asking many: that is no failure as long as answers come, up to a limit.
	local silent = time - answers.last_heard() >= timeout;
	local count = settle(function (item) return item.asked + (silent and 1 or 6) * timeout <= time; end);
	if count > 0 then
		module:log("warn", "Postward didn't answer %d questions within %d s; postward_failure decides", count, timeout);
	end
	status.sweep();
	session.end_stray();
	grants.sweep();
	outwards.sweep(time, timeout);
	mirror.sweep();
	reports.sweep();
	return 1;
end);

requests.begin();

function module.add_host(module) --luacheck: ignore 431/module
	local host = module.host;
	if host == component then return; end
	filtered[host] = true;
	for _, name in ipairs { "message", "presence", "iq" } do
		for _, where in ipairs { "/bare", "/full", "/host" } do
			local full_name = name .. where;
			module:hook(full_name, function (event) return intercept(host, event, full_name); end, 1000);
		end
	end
	module:hook("route/remote", function (event) return intercept_outgoing(host, event); end, 1000);
	module:hook("iq/host", hear, 2000);
	module:hook("host-disco-items", guard.show);
	-- What only some get, the room doesn't keep: whoever comes later would see it.
	module:hook("muc-message-is-historic", function () if outcome.is_for_some() then return false; end end, 1000);
	module:hook("muc-broadcast-presence", function (event) question.about_presence_of(event.room, event.occupant); end);
	module:hook("muc-broadcast-message", function (event) subjects.note(event.room, event.stanza); end, 1000);
	-- Behind mod_presence, which says goodbye for it.
	module:hook("resource-unbind", function (event)
		local account = event.session.username .. "@" .. host;
		local user = prosody.bare_sessions[account];
		if user and next(user.sessions) then return; end
		outwards.forget(account);
		elsewhere.forget(account);
	end, -1000);
	outwards.begin(host);
	status.report();
	mirror.begin(module);
	reports.begin(module);
	mirror.tell_all();

	function module.unload()
		if not filtered[host] then return; end
		filtered[host] = nil;
		mirror.stop(host);
		settle(function (item) return item.host == host; end);
		if not module.reloading then status.report(host); end
	end
end

-- The console reloads this part, and of the hosts' parts those alone that it is asked for: what is left of the others
-- asks nothing any more, and is reloaded at once.
function module.save()
	local all = {};
	for host in pairs(filtered) do all[host] = true; end
	return { hosts = all, elsewhere = elsewhere.save(), outwards = outwards.save(), reports = reports.save() };
end

function module.restore(saved)
	-- The module before this one may have been an older one, which kept nothing but its hosts, and not under a name.
	if saved.elsewhere then elsewhere.restore(saved.elsewhere); end
	if saved.outwards then outwards.restore(saved.outwards); end
	if saved.reports then reports.restore(saved.reports); end
	for host in pairs(saved.hosts or saved) do
		if not filtered[host] and modulemanager.is_loaded(host, module.name) then
			modulemanager.reload(host, module.name);
		end
	end
end

-- The console unloads from everywhere when it is asked to unload from one host, and leaves the hosts' hooks: they would
-- decide everything by the failure mode.
function module.unload()
	sweeping = false;
	grants.stop();
	requests.stop();
	local parting = next(filtered);
	local left = {};
	for host in pairs(filtered) do left[#left + 1] = host; end
	for _, host in ipairs(left) do filtered[host] = nil; end -- nothing more is asked
	settle();
	if module.reloading then return; end
	for _, host in ipairs(left) do
		mirror.stop(host);
		modulemanager.unload(host, module.name);
	end
	status.report(parting);
end
