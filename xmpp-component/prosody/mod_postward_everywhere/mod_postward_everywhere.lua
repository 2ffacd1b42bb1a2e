-- Loads mod_postward on every VirtualHost and every host of rooms, those that are added later too.
--
-- Loaded on Postward's own Component. With it, one file in conf.d connects Prosody: a file of its own can't add to
-- modules_enabled.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local modulemanager = require "core.modulemanager";
local config = require "core.configmanager";

local loaded = {}; -- host -> true: those that aren't there by the configuration's own word

local function load_on(host)
	local kind = config.get(host, "component_module");
	if host == "*" or host == module.host or kind ~= nil and kind ~= "muc" then return; end
	if modulemanager.is_loaded(host, "postward") then return; end
	local done, why = modulemanager.load(host, "postward");
	if done then
		loaded[host] = true;
	else
		module:log("error", "mod_postward can't be loaded on %s, where nothing is filtered: %s", host, why);
	end
end

function module.load()
	for host in pairs(prosody.hosts) do load_on(host); end
end

function module.unload()
	for host in pairs(loaded) do modulemanager.unload(host, "postward"); end
end

module:hook_global("host-activated", load_on, -100); -- after the host's own modules
module:hook_global("host-deactivated", function(host) loaded[host] = nil; end);
