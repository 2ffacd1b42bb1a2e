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

local hosts = prosody.hosts;
local xmlns_check = "urn:postward:check:1";
local xmlns_muc_user = "http://jabber.org/protocol/muc#user";

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
-- Weak keys: a released stanza -> the address it was released for. MUC and mod_presence send one object to many.
local released = setmetatable({}, { __mode = "k" });
local excepted; -- bare JIDs whose copies of the group message that is being fanned out are left out
-- Ids are of this load alone: an answer to a question asked before a reload must not decide about another stanza.
local id_prefix = require "util.id".short() .. "-";
local last_id = 0;
local last_heard = 0; -- when the component last gave a verdict
local gone; -- the component's session that is just ending: Prosody still calls it connected then

local function component_session()
	local host = hosts[component];
	local mod = host and host.modules and host.modules.component;
	return mod and mod.connected and mod.session ~= gone and mod.session or nil;
end

local function muc_host(name)
	local host = hosts[name];
	return host and host.modules and host.modules.muc or nil;
end

-- The real bare JID behind room@host/nick, where the room is ours.
local function real_jid(from, from_host)
	local muc = muc_host(from_host);
	local room = muc and muc.get_room_from_jid(jid.bare(from));
	local occupant = room and room:get_occupant_by_nick(from);
	return occupant and occupant.bare_jid;
end

-- Whether one of the account's clients has joined this room (mod_presence notes where directed presence went).
local function has_joined(account, room)
	local user = prosody.bare_sessions[account];
	for _, session in pairs(user and user.sessions or {}) do
		for address in pairs(session.directed or {}) do
			if jid.bare(address) == room then return true; end
		end
	end
	return false;
end

local function has_status(stanza, code)
	local x = stanza:get_child("x", xmlns_muc_user);
	return x and x:get_child_with_attr("status", nil, "code", code) ~= nil;
end

-- What comes out of a room: an error in answer would throw our own user out of it (XEP-0045 section 18.1.1).
local function comes_from_room(stanza)
	local from = stanza.attr.from;
	return stanza.attr.type == "groupchat"
		or stanza:get_child("x", xmlns_muc_user) ~= nil
		or stanza:get_child("x", "jabber:x:conference") ~= nil
		or muc_host(jid.host(from)) ~= nil
		or has_joined(jid.bare(stanza.attr.to), jid.bare(from));
end

-- Kinds of stanza that pass without a question. They still wait for those before them.
local function needs_no_question(stanza, from_host)
	local name, kind, from, to = stanza.name, stanza.attr.type, stanza.attr.from, stanza.attr.to;
	-- A result or error that nobody asked for is shown by no client; errors of other stanzas may be, with all they hold.
	if name == "iq" and (kind == "result" or kind == "error") or from_host == component then return true; end
	if jid.bare(from) == jid.bare(to) then return true; end -- an account and its own clients
	if name == "presence" then
		if kind == "unavailable" and #stanza.tags == 0 then return true; end
		-- A room's answer to our own user's joining it (XEP-0045 section 7.1.2).
		if has_status(stanza, "110") and has_joined(jid.bare(to), jid.bare(from)) then return true; end
	end
	-- The fan-out of a room that is filtered itself: what went into it has been asked about.
	return filtered[from_host] and muc_host(from_host) and (name == "presence" or kind == "groupchat");
end

-- Where answers about a stanza go: its session, or by way of the host if that is gone.
local function answering(item)
	local origin = item.origin;
	if origin.destroyed or not origin.send then return hosts[item.host]; end
	return origin;
end

local function release(item)
	local origin, stanza = answering(item), item.stanza;
	if not origin then return; end
	released[stanza] = stanza.attr.to;
	local outer = excepted;
	excepted = item.excepted;
	local ok, err = pcall(prosody.core_post_stanza, origin, stanza);
	excepted = outer;
	if not ok then module:log("error", "Releasing a %s failed: %s", stanza.name, err); end
end

local function answer(item, kind, condition, text)
	local origin = answering(item);
	if origin then origin.send(st.error_reply(item.stanza, kind, condition, text)); end
end

-- A group message into a room of ours that nobody else shall see (the sender's own screen shows it, on `drop`).
local function keep_from_room(item, refuse)
	local stanza = item.stanza;
	local room = muc_host(item.host).get_room_from_jid(stanza.attr.to);
	local occupant = room and room:get_occupant_by_real_jid(stanza.attr.from);
	if not occupant or not occupant.role then return release(item); end -- the room itself answers strangers
	if refuse or occupant.role == "visitor" then -- XEP-0045 section 7.4
		return answer(item, "auth", "forbidden", "You do not currently have permission to speak in this chat");
	end
	-- What Prosody does to a group message before it broadcasts it: limits, occupant-id (XEP-0421). It would set subjects.
	local event = { room = room, origin = answering(item), stanza = stanza, from = stanza.attr.from, occupant = occupant };
	if not stanza:get_child("subject") and hosts[item.host].events.fire_event("muc-occupant-groupchat", event) then
		return;
	end
	stanza.attr.from = occupant.nick;
	room:route_to_occupant(occupant, stanza);
end

-- What must arrive whoever sent it (that somebody went, that something failed), without a stranger's words.
local function release_bare(item)
	if item.stanza.attr.type == "error" then
		item.stanza:maptags(function (tag)
			if tag.name ~= "error" then return nil; end
			return tag:maptags(function (inner) return inner.name ~= "text" and inner or nil; end);
		end);
	else
		item.stanza:maptags(function (tag) return tag.attr.xmlns == xmlns_muc_user and tag or nil; end);
	end
	release(item);
end

-- The one place that turns a verdict into what the sender sees.
local function turn_away(item, refuse)
	local stanza = item.stanza;
	local name, kind = stanza.name, stanza.attr.type;
	if kind == "error" or name == "presence" and kind == "unavailable" then
		release_bare(item);
	elseif name == "iq" then -- always answered (RFC 6120 section 8.2.3)
		answer(item, "cancel", "service-unavailable");
	elseif name == "message" and kind ~= "headline" then
		if kind == "groupchat" and muc_host(item.host) then
			keep_from_room(item, refuse);
		elseif refuse and not comes_from_room(stanza) then
			answer(item, "cancel", "service-unavailable");
		end
	end
end

-- The sender shall try again later; presence and what belongs to rooms can't be tried again.
local function hold_off(item)
	local stanza = item.stanza;
	if stanza.name == "presence" or stanza.attr.type == "error" or muc_host(item.host)
		or stanza.name == "message" and comes_from_room(stanza) then
		release(item);
	else
		answer(item, "wait", "resource-constraint");
	end
end

-- What a verdict may say.
local acts = {
	deliver = release;
	drop = function (item) turn_away(item, false); end;
	refuse = function (item) turn_away(item, true); end;
	["hold-off"] = hold_off;
};

local function act(item)
	local ok, err = pcall(acts[item.action], item);
	if not ok then module:log("error", "Carrying out a verdict failed: %s", err); end
end

-- Lets everything go that is decided and has nothing undecided before it.
local function advance(queue)
	if queue.busy then return; end -- releasing made more of the same queue ready
	queue.busy = true;
	while queue.first <= queue.last and queue[queue.first].action do
		local item = queue[queue.first];
		queue[queue.first] = nil;
		queue.first = queue.first + 1;
		act(item);
	end
	queue.busy = nil;
	if queue.first > queue.last then queues[queue.key] = nil; end
end

local function decide(item, action)
	held[item.id] = nil;
	item.action = action;
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
		if held[id] then decide(held[id], failure); end
	end
	return #ids;
end

local origins = { c2s = "c2s", s2sin = "s2s", s2sout = "s2s" };

-- The stanza goes over as text: nothing that a stranger writes into it can break the component's own XML stream.
local function question(item, occupant)
	local stanza = item.stanza;
	stanza.attr.xmlns = "jabber:client";
	local text = st.xml_escape(tostring(stanza));
	stanza.attr.xmlns = nil; -- Prosody ignores stanzas that keep it
	return ("<iq type='get' id='%s' from='%s' to='%s'><check xmlns='%s' origin='%s'%s%s>%s</check></iq>"):format(
		item.id, item.host, component, xmlns_check, origins[item.origin.type] or "component",
		muc_host(item.host) and " room='true'" or "",
		occupant and (" occupant='" .. st.xml_escape(occupant) .. "'") or "", text);
end

local function intercept(host, event)
	local origin, stanza = event.origin, event.stanza;
	local from, to = stanza.attr.from, stanza.attr.to;
	if not from or not to or released[stanza] == to then return; end
	local from_host = jid.host(from);
	if excepted and stanza.attr.type == "groupchat" and muc_host(from_host) and excepted[jid.bare(to)] then
		return true;
	end

	local key = jid.bare(from) .. "\0" .. jid.bare(to);
	local queue, session = queues[key], nil;
	local pass = needs_no_question(stanza, from_host);
	if not pass then session = component_session(); end
	if not queue and (pass or not session and failure == "deliver") then return; end

	local item = { host = host, origin = origin, stanza = st.clone(stanza) };
	local ask;
	if pass or not session then
		item.action = pass and "deliver" or failure;
	else
		last_id = last_id + 1;
		item.number, item.id, item.deadline = last_id, id_prefix .. last_id, now() + timeout;
		ask = question(item, real_jid(from, from_host));
		held[item.id] = item;
	end
	if not queue then
		queue = { key = key, first = 1, last = 0 };
		queues[key] = queue;
	end
	item.queue = queue;
	queue.last = queue.last + 1;
	queue[queue.last] = item;
	if ask then
		session.send(ask);
	else
		advance(queue);
	end
	return true;
end

local function hear_verdict(event)
	local stanza = event.stanza;
	if stanza.attr.from ~= component then return; end
	local item = held[stanza.attr.id];
	local kind = stanza.attr.type;
	if kind ~= "result" and kind ~= "error" then return; end
	if not item or item.host ~= stanza.attr.to then return; end
	local verdict = kind == "result" and stanza:get_child("verdict", xmlns_check) or nil;
	last_heard = now();
	local action = verdict and verdict.attr.action or failure;
	if not acts[action] then action = failure; end
	if action == "deliver" then
		for except in verdict:childtags("except", xmlns_check) do
			item.excepted = item.excepted or {};
			item.excepted[except.attr.jid or ""] = true;
		end
	end
	decide(item, action);
	return true;
end

-- The component is for Postward alone: what anybody else sends there gets no answer, but for iqs, which must.
local function guard(event)
	local stanza = event.stanza;
	local kind = stanza.attr.type;
	if jid.host(stanza.attr.to) ~= component then return; end
	-- The host's own answers to the component's pings.
	if stanza.name == "iq" and (kind == "result" or kind == "error") and filtered[stanza.attr.from] then return; end
	if stanza.name == "iq" and (kind == "get" or kind == "set") then
		event.origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
	end
	return true;
end

local function disconnected(event)
	gone = event.session;
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
	guarded:hook("component-disconnected", disconnected);
end

local function unguard_component(host)
	if host == component then guarded = nil; end -- its hooks went with it
end

guard_component(component);
module:hook_global("host-activated", guard_component);
module:hook_global("host-deactivated", unguard_component);
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
	module:hook("iq/host", hear_verdict, 2000);

	function module.unload()
		filtered[host] = nil;
		settle(function (item) return item.host == host; end);
	end
end

function module.unload()
	sweeping = false;
	settle();
end
