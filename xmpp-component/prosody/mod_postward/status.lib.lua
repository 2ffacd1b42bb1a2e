-- What the component is told of this module: who it is, where it is loaded, and what was decided without a verdict.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local st = require "util.stanza";
local rooms = module:require "rooms";

local hosts = prosody.hosts;
local xmlns_check = "urn:postward:check:1";

-- `version`: this module's. `filtered`: host -> true, where it is loaded. `id`: of the iq. `tell(stanza)`: sends it to
-- the component, if it is there.
return function (version, filtered, id, tell)
	local status = {};
	local unjudged, reported = 0, 0; -- stanzas that the failure mode decided, and how many the component knows of
	local late = 0; -- of these, what the component would have stopped, as it said later; until it knows of them

	-- The failure mode has decided about a stanza.
	function status.count_unjudged()
		unjudged = unjudged + 1;
	end

	-- One of them was to be stopped.
	function status.count_late()
		late = late + 1;
	end

	-- Says so. `parting`: the host that does when this module is loaded at none any more.
	function status.report(parting)
		local host = next(filtered) or parting;
		if not host then return; end
		local about = { xmlns = xmlns_check, version = version, delivered = "true" };
		about.unjudged, about.late = tostring(unjudged), tostring(late);
		local said = st.iq({ type = "set", id = id, from = host }):tag("module", about);
		for name, of in pairs(hosts) do
			if filtered[name] or of.type == "local" and name ~= "localhost" or rooms.muc(name) then
				said:text_tag("host", nil, { name = name, filtered = tostring(filtered[name] or false) });
			end
		end
		if tell(said) then reported, late = unjudged, 0; end
	end

	-- Called every second.
	function status.sweep()
		if unjudged ~= reported or late > 0 then status.report(); end
	end

	return status;
end
