-- Requests to see an account's presence that Prosody has kept and shows to each client that signs in (RFC 6121 section
-- 3.1.3): nobody asks about them on their way, and who made one may have been blocked since.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local filters = require "util.filters";
local jid = require "util.jid";

-- `hold_back(session, request)`: whether it is shown later, or never.
return function (hold_back)
	local requests = {};

	local function filter(stanza, session)
		if stanza.name ~= "presence" or stanza.attr.type ~= "subscribe" or not session.full_jid then return stanza; end
		stanza.attr.to = stanza.attr.to or jid.bare(session.full_jid);
		if hold_back(session, stanza) then return nil; end
		return stanza;
	end

	local function watch(session)
		if session.type == "c2s" or session.type == "c2s_unauthed" then
			filters.add_filter(session, "stanzas/out", filter);
		end
	end

	function requests.begin()
		filters.add_filter_hook(watch);
		for _, session in pairs(prosody.full_sessions) do watch(session); end
	end

	function requests.stop()
		filters.remove_filter_hook(watch);
		for _, session in pairs(prosody.full_sessions) do filters.remove_filter(session, "stanzas/out", filter); end
	end

	return requests;
end
