-- Leave to let messages of one sender to one recipient pass without a question, for a moment.
--
-- The component gives it with an answer, under the revision of its lists. It ends one lease after the question was
-- asked, and with the news of another revision. An edit of the lists counts as made when this module has answered that
-- news, or when the lease of the last leave has run out: so none is missed, even if nobody here gets to hear of it.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local monotonic = require "util.time".monotonic;

local most = 2000; -- leaves that are kept; who is turned out is asked about again

-- What holds nothing that a person reads: typing (XEP-0085), receipts (0184), markers (0333), hints (0334), ids (0359).
local silent = {
	["http://jabber.org/protocol/chatstates"] = true;
	["urn:xmpp:receipts"] = true;
	["urn:xmpp:chat-markers:0"] = true;
	["urn:xmpp:hints"] = true;
	["urn:xmpp:sid:0"] = true;
};
local silent_attributes = { xmlns = true, id = true, by = true };
local stanza_attributes = { from = true, to = true, type = true, id = true, xmlns = true, ["xml:lang"] = true };
local texts = { body = true, subject = true, thread = true };

local leaves = {};
local given, count = {}, 0; -- sender and recipient -> what may pass, and until when
local revision; -- of the lists, as the component last said it
local lease = 0;

local function only(attributes, allowed)
	for name in pairs(attributes) do
		if not allowed[name] then return false; end
	end
	return true;
end

-- What a leave must allow for this message: "without-text" or "with-text"; nil where none can.
local function needed(stanza)
	if not only(stanza.attr, stanza_attributes) or #stanza.tags ~= #stanza then return; end
	local kind = "without-text";
	for _, tag in ipairs(stanza.tags) do
		local xmlns = tag.attr.xmlns;
		if silent[xmlns] then
			if #tag > 0 or not only(tag.attr, silent_attributes) then return; end
		elseif texts[tag.name] and (xmlns == nil or xmlns == "jabber:client") and #tag.tags == 0 then
			kind = "with-text";
		else
			return;
		end
	end
	return kind;
end

-- Other lists are in force, and the component gives leaves for so many seconds.
function leaves.begin(new_revision, new_lease)
	given, count = {}, 0;
	revision, lease = new_revision, tonumber(new_lease) or 0;
end

-- There is no component, or it isn't known which lists it has.
function leaves.stop()
	leaves.begin(nil, 0);
end

-- The component gives leave, in answer to a question that was asked then.
function leaves.take(key, kind, of_revision, asked)
	if kind == nil or of_revision == nil or of_revision ~= revision then return; end
	local known = given[key];
	if not known then
		if count >= most then given, count = {}, 0; end
		known = {};
		given[key] = known;
		count = count + 1;
	end
	known.kind, known.ends = kind, asked + lease;
end

-- Whether this message may pass.
function leaves.allow(key, stanza)
	local known = given[key];
	if not known then return false; end
	if monotonic() >= known.ends then
		given[key], count = nil, count - 1;
		return false;
	end
	local kind = needed(stanza);
	return kind == "without-text" or kind ~= nil and kind == known.kind;
end

-- Forgets those that have ended.
function leaves.sweep()
	local time = monotonic();
	for key, known in pairs(given) do
		if known.ends <= time then given[key], count = nil, count - 1; end
	end
end

return leaves;
