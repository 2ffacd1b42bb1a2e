-- The component's session: whether it is there, and what becomes of it.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local hosts = prosody.hosts;

-- `component`: its name.
return function (component)
	local session = {};
	local connection; -- the component's session, as it came
	local gone; -- the component's session that is about to end: Prosody still calls it connected then
	local watched; -- this module at the component's host, while that is there

	-- The component's session, if it is there.
	function session.get()
		local host = hosts[component];
		local mod = host and host.modules and host.modules.component;
		return mod and mod.connected and mod.session ~= gone and mod.session or nil;
	end

	-- Sends an iq of this module's own to the component.
	function session.tell(stanza)
		local to = session.get();
		if not to then return false; end
		stanza.attr.to = component;
		to.send(stanza);
		return true;
	end

	-- It has said that it goes.
	function session.leave()
		gone = session.get();
	end

	-- The component's host, or Prosody's module for it, has been away: its stream goes on and leads nowhere. The
	-- component connects anew.
	function session.end_stray()
		if not connection or connection == gone or session.get() then return; end
		local stray = connection;
		connection = nil;
		stray:close("reset");
	end

	-- Begins to watch the component's host, whenever that is there. `came()`, `went()`: what is to be done when the
	-- component has connected, or is gone. `at_host(host_module)`: what else there is to do at its host.
	function session.begin(came, went, at_host)
		local function watch(host)
			if host ~= component or not hosts[component] or watched then return; end
			watched = module:context(component);
			at_host(watched);
			watched:hook("component-authenticated", function (event)
				connection, gone = event.session, nil;
				came();
			end);
			watched:hook("component-disconnected", function (event)
				if connection == event.session then connection = nil; end
				gone = event.session;
				went();
			end);
			connection = session.get() or connection;
		end
		watch(component);
		module:hook_global("host-activated", watch);
		-- Its hooks went with it.
		module:hook_global("host-deactivated", function (host) if host == component then watched = nil; end end);
	end

	return session;
end
