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
local now = require "util.time".now;
local monotonic = require "util.time".monotonic;
local load_roster = require "core.rostermanager".load_roster;
local rooms = module:require "rooms";
local outcome = module:require "outcome";
local leaves = module:require "leaves";

local version = "0.1.0"; -- Postward's, which this module belongs to
local hosts = prosody.hosts;
local xmlns_check = "urn:postward:check:1";

local component = module:get_option_string("postward_component");
local failure = module:get_option_string("postward_failure", "deliver");
local timeout = module:get_option_number("postward_timeout", 5);

if not component then
	error("postward_component is not set: give it the name of Postward's Component, such as \"postward.example.org\"", 0);
end
if failure ~= "deliver" and failure ~= "hold-off" then
	error("postward_failure is neither \"deliver\" nor \"hold-off\": " .. failure, 0);
end

local filtered = {}; -- host -> true, where this module is loaded
local held = {}; -- id of the question -> the item that waits for its verdict
local queues = {}; -- bare from, bare to -> items in the order of arrival
-- Ids are of this load alone: an answer to a question asked before a reload must not decide about another stanza.
local id_prefix = require "util.id".short() .. "-";
local last_id = 0;
local last_heard = 0; -- when the component last gave a verdict
local gone; -- the component's session that is about to end: Prosody still calls it connected then
local tells_known = false; -- whether the component wants to know whom its recipient knows
local unjudged, reported = 0, 0; -- stanzas that the failure mode decided, and how many the component knows of

local function component_session()
	local host = hosts[component];
	local mod = host and host.modules and host.modules.component;
	return mod and mod.connected and mod.session ~= gone and mod.session or nil;
end

local function is_account(bare)
	local node, host = jid.split(bare);
	return node ~= nil and filtered[host] and hosts[host] ~= nil and hosts[host].type == "local";
end

-- A message by which Postward sees whether it is asked; only the component itself can send from its host.
local function is_probe(stanza, from_host)
	return from_host == component and stanza:get_child("probe", xmlns_check) ~= nil;
end

-- Kinds of stanza that pass without a question. They still wait for those before them.
local function needs_no_question(stanza, from_host)
	local name, kind, from, to = stanza.name, stanza.attr.type, stanza.attr.from, stanza.attr.to;
	-- A result or error that nobody asked for is shown by no client; errors of other stanzas may be, with all they hold.
	if name == "iq" and (kind == "result" or kind == "error") then return true; end
	if from_host == component then return not is_probe(stanza, from_host); end
	if jid.bare(from) == jid.bare(to) then return true; end -- an account and its own clients
	if name == "presence" then
		if kind == "unavailable" and #stanza.tags == 0 then return true; end
		-- A room's answer to our own user's joining it (XEP-0045 section 7.1.2).
		if rooms.has_status(stanza, "110") and rooms.has_directed(jid.bare(to), jid.bare(from)) then return true; end
	end
	-- The fan-out of a room that is filtered itself: what went into it has been asked about.
	return filtered[from_host] and rooms.muc(from_host) and (name == "presence" or kind == "groupchat");
end

-- Lets everything go that is decided and has nothing undecided before it.
local function advance(queue)
	if queue.busy then return; end -- releasing made more of the same queue ready
	queue.busy = true;
	while queue.first <= queue.last and queue[queue.first].action do
		local item = queue[queue.first];
		queue[queue.first] = nil;
		queue.first = queue.first + 1;
		outcome.act(item);
	end
	queue.busy = nil;
	if queue.first > queue.last then queues[queue.key] = nil; end
end

local function queue_key(stanza)
	return jid.bare(stanza.attr.from) .. "\0" .. jid.bare(stanza.attr.to);
end

local function enqueue(item)
	local key = queue_key(item.stanza);
	local queue = queues[key];
	if not queue then
		queue = { key = key, first = 1, last = 0 };
		queues[key] = queue;
	end
	item.queue = queue;
	queue.last = queue.last + 1;
	queue[queue.last] = item;
	if item.action then advance(queue); end
end

local outwards; -- defined below, of functions that are

local function decide(item, action)
	held[item.id] = nil;
	item.action = action;
	if item.outwards and action ~= "withhold" then outwards.let_through(item.stanza); end
	advance(item.queue);
end

-- Decides all questions that are open (or only those that `chosen` picks) by the failure mode. The ids are collected
-- first: releasing a stanza can ask new questions.
local function settle(chosen)
	local ids = {};
	for id, item in pairs(held) do
		if not chosen or chosen(item) then ids[#ids + 1] = id; end
	end
	table.sort(ids, function (a, b) return held[a].number < held[b].number; end);
	for _, id in ipairs(ids) do
		if held[id] then
			unjudged = unjudged + 1;
			decide(held[id], failure);
		end
	end
	return #ids;
end

-- Sends an iq of this module's own to the component.
local function tell(stanza)
	local session = component_session();
	if not session then return false; end
	stanza.attr.to = component;
	session.send(stanza);
	return true;
end

outwards = module:require "outwards" (is_account, tell, function (session, stanza)
	local to_host = jid.host(stanza.attr.to);
	local here = hosts[to_host] ~= nil;
	local host = here and to_host or jid.host(stanza.attr.from);
	enqueue({ host = host, origin = session, stanza = stanza, outgoing = not here, action = "deliver" });
end);

-- Whether it is an account whose owner can come back to it; guests (RFC 4505) can't.
local function is_lasting(bare)
	local users = is_account(bare) and hosts[jid.host(bare)].users;
	return users and users.name ~= "anonymous" or false;
end

local mirror = module:require "mirror" (is_lasting, function () return component_session() ~= nil; end, tell);

-- Says who we are, what the failure mode has decided, and where people or rooms are that we are loaded at, or not.
local function report()
	local host = next(filtered);
	if not host then return; end
	local about = { xmlns = xmlns_check, version = version, unjudged = tostring(unjudged) };
	local said = st.iq({ type = "set", id = id_prefix .. "module", from = host }):tag("module", about);
	for name, of in pairs(hosts) do
		if filtered[name] or of.type == "local" and name ~= "localhost" or rooms.muc(name) then
			said:text_tag("host", nil, { name = name, filtered = tostring(filtered[name] or false) });
		end
	end
	if tell(said) then reported = unjudged; end
end

-- Whether the recipient has this sender on the roster, or has sent them its presence.
local function is_known(stanza)
	local account, from = jid.bare(stanza.attr.to), jid.bare(stanza.attr.from);
	if not is_account(account) then return false; end
	local roster = load_roster(jid.split(account));
	return roster and roster[from] ~= nil or rooms.has_directed(account, from);
end

local origins = { c2s = "c2s", s2sin = "s2s", s2sout = "s2s" };

-- The stanza goes over as text: nothing that a stranger writes into it can break the component's own XML stream.
local function as_text(stanza)
	stanza.attr.xmlns = "jabber:client";
	local text = st.xml_escape(tostring(stanza));
	stanza.attr.xmlns = nil; -- Prosody ignores stanzas that keep it
	return text;
end

local function question(item, from_host)
	local stanza, into_room = item.stanza, rooms.muc(item.host) ~= nil;
	local about = { xmlns = xmlns_check, origin = origins[item.origin.type] or "component" };
	local also = {};
	if into_room then
		about.room = "true";
		if stanza.attr.type == "groupchat" then
			local sender = jid.bare(stanza.attr.from);
			for _, bare in ipairs(rooms.occupants(stanza.attr.to, is_account)) do
				if bare ~= sender then also[#also + 1] = ("<occupant jid='%s'/>"):format(st.xml_escape(bare)); end
			end
		end
	end
	about.occupant = rooms.real_jid(stanza.attr.from, from_host);
	about.outwards = item.outgoing and "only" or item.outwards and "too" or nil;
	if tells_known and stanza.name ~= "presence" and is_known(stanza) then about.known = "true"; end
	local attributes = {};
	for name, value in pairs(about) do
		attributes[#attributes + 1] = (" %s='%s'"):format(name, st.xml_escape(value));
	end
	return ("<iq type='get' id='%s' from='%s' to='%s'><check%s>%s%s</check></iq>"):format(
		item.id, item.host, component, table.concat(attributes), as_text(stanza), table.concat(also));
end

-- Whether it may pass because another one of the same people just did. Never what belongs to a room.
local function has_leave(item, key, from_host)
	local kind = item.stanza.attr.type;
	if kind == "groupchat" or kind == "error" or rooms.muc(item.host) or rooms.muc(from_host) then return false; end
	return from_host ~= component and leaves.allow(key, item.stanza);
end

-- Holds the stanza until it is decided. False: there is no reason to.
local function hold(item, pass, from_host)
	local session;
	if not pass then
		session = component_session();
		if not session then unjudged = unjudged + 1; end
	end
	local key = queue_key(item.stanza);
	if session and not item.outwards and item.stanza.name == "message" and has_leave(item, key, from_host) then
		pass = true;
	end
	if item.outwards and not session then outwards.let_through(item.stanza); end
	if (pass or not session and failure == "deliver") and not queues[key] then return false; end
	item.stanza = st.clone(item.stanza);
	local ask;
	if pass or not session then
		item.action = pass and "deliver" or failure;
	else
		last_id = last_id + 1;
		item.number, item.id, item.deadline = last_id, id_prefix .. last_id, now() + timeout;
		item.asked = monotonic();
		ask = question(item, from_host);
		held[item.id] = item;
	end
	enqueue(item);
	if ask then session.send(ask); end
	return true;
end

-- What is for somebody here.
local function intercept(host, event)
	local origin, stanza = event.origin, event.stanza;
	local from, to = stanza.attr.from, stanza.attr.to;
	if not from or not to then return; end
	local from_host = jid.host(from);
	if outcome.is_released(stanza) then
		if not is_probe(stanza, from_host) then return; end
		-- A probe that was let through ends here: nobody shall see it.
		tell(st.iq({ type = "set", id = id_prefix .. "arrived", from = host })
			:tag("arrived", { xmlns = xmlns_check, token = stanza:get_child("probe", xmlns_check).attr.token }));
		return true;
	end
	if outcome.is_excepted(stanza, from_host) then return true; end
	local looks_out = outwards.concerns(stanza, from);
	if looks_out and outwards.is_hidden(stanza) then return true; end
	local item = { host = host, origin = origin, stanza = stanza, outwards = looks_out };
	return hold(item, needs_no_question(stanza, from_host), from_host) or nil;
end

-- What leaves for another server: only what shows that a member is about is asked about.
local function intercept_outgoing(host, event)
	local stanza = event.stanza;
	if outcome.is_released(stanza) then return; end
	local looks_out = outwards.concerns(stanza, stanza.attr.from);
	if looks_out and outwards.is_hidden(stanza) then return true; end
	local item = { host = host, origin = event.origin, stanza = stanza, outwards = looks_out, outgoing = true };
	return hold(item, not looks_out or stanza.attr.type == "unavailable", host) or nil;
end

local function hear_verdict(stanza)
	local item = held[stanza.attr.id];
	if not item or item.host ~= stanza.attr.to then return; end
	local verdict = stanza.attr.type == "result" and stanza:get_child("verdict", xmlns_check) or nil;
	last_heard = now();
	local action = verdict and verdict.attr.action or failure;
	if not outcome.exists(action) then action = failure; end
	if verdict and verdict.attr.hidden == "true" then
		action = "withhold";
		outwards.hide(jid.bare(item.stanza.attr.from), jid.bare(item.stanza.attr.to));
	elseif verdict and action == "deliver" then
		for except in verdict:childtags("except", xmlns_check) do
			item.excepted = item.excepted or {};
			item.excepted[except.attr.jid or ""] = true;
		end
	end
	decide(item, action);
	return true;
end

-- Questions whose stanzas are delivered, many at a time.
local function hear_delivered(stanza)
	local deliver = stanza:get_child("deliver", xmlns_check);
	if not deliver then return; end
	last_heard = now();
	local leave, revision = deliver.attr.leave, deliver.attr.revision;
	for id in (deliver:get_text() or ""):gmatch("%S+") do
		local item = held[id];
		if item and item.host == stanza.attr.to then
			if leave then leaves.take(item.queue.key, leave, revision, item.asked); end
			decide(item, "deliver");
		end
	end
	return true;
end

-- What the component says of its own accord: its lists have changed, or it is about to go.
local function hear_news(stanza)
	local lists = stanza:get_child("lists", xmlns_check);
	local leaving = stanza:get_child("leaving", xmlns_check);
	if lists then
		leaves.begin(lists.attr.revision, lists.attr.lease);
		tells_known = lists.attr.known == "true";
		outwards.look_around();
	end
	local unblocked = mirror.unblock(stanza);
	tell(st.iq({ type = "result", id = stanza.attr.id, from = stanza.attr.to }));
	if leaving then
		gone = component_session();
		leaves.stop();
	end
	return lists ~= nil or leaving ~= nil or unblocked;
end

local function hear(event)
	local stanza = event.stanza;
	if stanza.attr.from ~= component then return; end
	local kind = stanza.attr.type;
	if kind == "set" then return hear_news(stanza) or nil; end
	if kind ~= "result" and kind ~= "error" then return; end
	return hear_delivered(stanza) or hear_verdict(stanza) or outwards.hear(stanza) or mirror.hear(stanza) or nil;
end

-- Whether this comes from a client of an account here.
local function is_from_account(origin, from)
	return origin.type == "c2s" and from == origin.full_jid and is_lasting(jid.bare(from));
end

-- The component is for Postward and the accounts here: what anybody else sends there gets no answer, but for iqs, which
-- must. An account's stanza goes over as text, in the name of its host.
local function guard(event)
	local origin, stanza = event.origin, event.stanza;
	local kind = stanza.attr.type;
	if jid.host(stanza.attr.to) ~= component then return; end
	-- The host's own answers to the component's pings.
	if stanza.name == "iq" and (kind == "result" or kind == "error") and filtered[stanza.attr.from] then return; end
	local session = component_session();
	if session and is_from_account(origin, stanza.attr.from) then
		session.send(("<message from='%s' to='%s'><account xmlns='%s'>%s</account></message>"):format(
			origin.host, component, xmlns_check, as_text(stanza)));
	elseif stanza.name == "iq" and (kind == "get" or kind == "set") then
		origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
	end
	return true;
end

-- The component is hidden from service discovery (`disco_hidden`), but for the accounts here.
local function show_component(event)
	if is_from_account(event.origin, event.stanza.attr.from) and component_session() then
		event.reply:tag("item", { jid = component }):up();
	end
end

local function connected()
	gone = nil;
	leaves.stop();
	report();
	mirror.tell_all();
end

local function disconnected(event)
	gone = event.session;
	leaves.stop();
	local count = settle();
	if count > 0 then
		module:log("warn", "Postward's component disconnected; %d stanzas are settled by postward_failure", count);
	end
end

local guarded;
local function guard_component(host)
	if host ~= component or not hosts[component] or guarded then return; end
	guarded = module:context(component);
	for _, name in ipairs { "message", "presence", "iq" } do
		for _, where in ipairs { "/bare", "/full", "/host" } do
			guarded:hook(name .. where, guard, 1000);
		end
	end
	guarded:hook("component-authenticated", connected);
	guarded:hook("component-disconnected", disconnected);
end

local function unguard_component(host)
	if host == component then guarded = nil; end -- its hooks went with it
end

guard_component(component);
module:hook_global("host-activated", guard_component);
module:hook_global("host-deactivated", unguard_component);
module:hook_global("host-activated", report, -1000); -- behind all that loads modules there
module:hook_global("host-deactivated", report, -1000);
module:hook_global("server-stopping", function () settle(); end);

local sweeping = true;
timer.add_task(1, function ()
	if not sweeping then return; end
	local time = now();
	-- A sender can make questions wait by asking many: that is no failure as long as answers come, up to a limit.
	local silent = time - last_heard >= timeout;
	local count = settle(function (item) return item.deadline + (silent and 0 or 5 * timeout) <= time; end);
	if count > 0 then
		module:log("warn", "Postward didn't answer %d questions within %d s; postward_failure decides", count, timeout);
	end
	if unjudged ~= reported then report(); end
	leaves.sweep();
	mirror.sweep();
	return 1;
end);

function module.add_host(module) --luacheck: ignore 431/module
	local host = module.host;
	if host == component then return; end
	filtered[host] = true;
	for _, name in ipairs { "message", "presence", "iq" } do
		for _, where in ipairs { "/bare", "/full", "/host" } do
			module:hook(name .. where, function (event) return intercept(host, event); end, 1000);
		end
	end
	module:hook("route/remote", function (event) return intercept_outgoing(host, event); end, 1000);
	module:hook("iq/host", hear, 2000);
	module:hook("host-disco-items", show_component);
	-- Behind mod_presence, which says goodbye for it.
	module:hook("resource-unbind", function (event)
		local account = event.session.username .. "@" .. host;
		local user = prosody.bare_sessions[account];
		if not user or not next(user.sessions) then outwards.forget(account); end
	end, -1000);
	outwards.begin(host);
	report();
	mirror.begin(module);
	mirror.tell_all();

	function module.unload()
		filtered[host] = nil;
		mirror.stop(host);
		settle(function (item) return item.host == host; end);
		report();
	end
end

function module.unload()
	sweeping = false;
	settle();
end
