-- Stanzas that hold nothing but plain text, or not even that: who writes to whom and the text is all there is to judge.
--
-- Whatever isn't known here to show nothing is not plain, and the component gets to see all of it.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local next = next; -- in a module each look at a global is two

local plain = {};

local stanza_attributes = { from = true, to = true, type = true, id = true, xmlns = true, ["xml:lang"] = true };
local text_attributes = { xmlns = true, ["xml:lang"] = true };

-- Elements that show nothing, by namespace, and the attributes that they may have: typing (XEP-0085), receipts (0184),
-- markers (0333), corrections (0308), hints (0334), ids (0359), capabilities (0115).
local ids = { xmlns = true, id = true, by = true };
local silent = {
	["http://jabber.org/protocol/chatstates"] = ids;
	["urn:xmpp:receipts"] = ids;
	["urn:xmpp:chat-markers:0"] = ids;
	["urn:xmpp:message-correct:0"] = ids;
	["urn:xmpp:hints"] = ids;
	["urn:xmpp:sid:0"] = ids;
	["http://jabber.org/protocol/caps"] = { xmlns = true, node = true, ver = true, hash = true, ext = true };
};
local types = {
	message = { chat = true, normal = true };
	presence = { unavailable = true, probe = true };
};
local texts = {
	message = { body = true, subject = true, thread = true };
	presence = { status = true };
};
-- With more elements it goes over as text: the component would keep each twice.
local most = 100;
local shows = { away = true, chat = true, dnd = true, xa = true };

local function has_only(attributes, allowed)
	for name in next, attributes do
		if not allowed[name] then return false; end
	end
	return true;
end

-- A request without any content: a ping, a question about features.
local function is_silent_request(stanza)
	local tag = stanza.tags[1];
	return stanza.attr.type == "get" and tag ~= nil and #stanza == 1 and #tag == 0
		and has_only(tag.attr, { xmlns = true, node = true });
end

-- Availability (RFC 6121 section 4.7.2): words and numbers that the protocol fixes.
function plain.is_availability(tag)
	if tag.attr.xmlns or #tag ~= 1 or #tag.tags > 0 then return false; end
	return tag.name == "show" and shows[tag[1]] or tag.name == "priority" and tag[1]:find("^[+-]?%d%d?%d?$") ~= nil;
end

-- "silent": it holds no text; "text": it holds nothing else, and if it is but one, its element. Nil: it isn't plain.
function plain.kind(stanza)
	local name, attr, tags = stanza.name, stanza.attr, stanza.tags;
	for attribute in next, attr do
		if not stanza_attributes[attribute] then return; end
	end
	if #tags ~= #stanza or #tags > most then return; end
	if name == "iq" then return is_silent_request(stanza) and "silent" or nil; end
	if attr.type and not types[name][attr.type] then return; end
	local kind, texts_of, text = "silent", texts[name], nil;
	for index = 1, #tags do
		local tag = tags[index];
		local attributes = tag.attr;
		local xmlns = attributes.xmlns;
		local allowed = xmlns and silent[xmlns];
		if allowed then
			if tag[1] then return; end
		elseif not xmlns and texts_of[tag.name] and not tag.tags[1] then
			allowed, text = text_attributes, kind == "silent" and tag or nil;
			kind = "text";
		elseif name ~= "presence" or not plain.is_availability(tag) then
			return;
		end
		if allowed then
			for attribute in next, attributes do
				if not allowed[attribute] then return; end
			end
		end
	end
	return kind, text;
end

-- Whether this is a text in such a stanza.
function plain.is_text(stanza, tag)
	return texts[stanza.name][tag.name] and not tag.attr.xmlns;
end

return plain;
