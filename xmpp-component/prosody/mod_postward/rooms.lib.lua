-- What Prosody knows about rooms (XEP-0045), here and elsewhere.
--
-- SPDX-License-Identifier: AGPL-3.0-or-later

local jid = require "util.jid";
local plain = module:require "plain";

local hosts = prosody.hosts;
local xmlns_muc_user = "http://jabber.org/protocol/muc#user";
local xmlns_muc = "http://jabber.org/protocol/muc";
local xmlns_mam = "urn:xmpp:mam:2";

local rooms = {};

-- What an occupant's presence may hold that no words are in, by namespace: capabilities (XEP-0115), who the occupant is
-- (0045, 0421), since when they are idle (0319).
local wordless = {
	["http://jabber.org/protocol/caps"] = true;
	["urn:xmpp:occupant-id:0"] = true;
	["urn:xmpp:idle:1"] = true;
};

-- The MUC component of this name, if it is one of ours.
function rooms.muc(host)
	local found = hosts[host];
	return found and found.modules and found.modules.muc or nil;
end

-- The real bare JID behind room@host/nick, where the room is ours; `parting`: an occupant who may be gone already.
function rooms.real_jid(from, from_host, parting)
	local muc = rooms.muc(from_host);
	local room = muc and muc.get_room_from_jid(jid.bare(from));
	local occupant = room and (room:get_occupant_by_nick(from) or parting);
	return occupant and occupant.nick == from and occupant.bare_jid or nil;
end

-- The occupant whose words or wish a message out of a room brings: who invites (XEP-0045 section 7.8.2, as Prosody
-- names them), whose message of the archive it is (XEP-0313), or whoever sent it. And the message itself, if the room
-- has kept it, which nobody can make it seem to: what bears no nick comes from the room alone.
function rooms.speaker(stanza)
	local from = stanza.attr.from;
	if stanza.name ~= "message" then return from; end
	if jid.resource(from) then
		return from, stanza.attr.type == "groupchat" and rooms.is_history(stanza) and stanza or nil;
	end
	local invited = stanza:find("{" .. xmlns_muc_user .. "}x/invite@from");
	local kept = not invited
		and stanza:find("{" .. xmlns_mam .. "}result/{urn:xmpp:forward:0}forwarded/{jabber:client}message");
	local brought = jid.prep(invited or kept and kept.attr.from);
	if not brought or jid.bare(brought) ~= from then return from; end
	return brought, kept or nil;
end

-- The occupant who gives the reason in this presence: who has put somebody out, or changed what they may do (XEP-0045
-- sections 8 and 9).
function rooms.actor(presence)
	local nick = presence:find("{" .. xmlns_muc_user .. "}x/item/actor@nick");
	return nick and jid.bare(presence.attr.from) .. "/" .. nick;
end

-- Whether a room may say this in its own name by somebody's wish: a message of no occupant's (a request for voice, what
-- becomes of whoever isn't there: XEP-0045 sections 8.6 and 9), or a reason without its giver (section 10.9).
function rooms.says_for_somebody(stanza)
	if stanza.name == "message" then return not jid.resource(stanza.attr.from); end
	local x = stanza:get_child("x", xmlns_muc_user);
	return x ~= nil and (x:get_child("destroy") ~= nil or x:find("item/reason") ~= nil);
end

-- The name by which the others in this room of ours know whoever writes into it.
function rooms.nick_of(from, address)
	local muc = rooms.muc(jid.host(address));
	local room = muc and muc.get_room_from_jid(jid.bare(address));
	local occupant = room and room:get_occupant_by_real_jid(from);
	return occupant and jid.resource(occupant.nick);
end

-- The bare JIDs of those in this room of ours that `wanted` picks.
function rooms.occupants(address, wanted)
	local muc, found = rooms.muc(jid.host(address)), {};
	local room = muc and muc.get_room_from_jid(jid.bare(address));
	if room then
		for _, occupant in room:each_occupant() do
			local bare = occupant.bare_jid;
			if not found[bare] and wanted(bare) then
				found[bare] = true;
				found[#found + 1] = bare;
			end
		end
	end
	return found;
end

-- Whether one of the account's clients has sent this address its presence, as it does to join a room (mod_presence
-- notes where it went). `but`: the full JIDs of those that don't count.
function rooms.has_directed(account, address, but)
	local user = prosody.bare_sessions[account];
	for _, session in pairs(user and user.sessions or {}) do
		for directed in pairs(not (but and but[session.full_jid]) and session.directed or {}) do
			if jid.bare(directed) == address then return true; end
		end
	end
	return false;
end

-- What comes out of a room: an error in answer would throw our own user out of it (XEP-0045 section 18.1.1). Looking
-- like a room isn't enough: whoever isn't one gets what an account that isn't there would answer.
function rooms.is_source(stanza)
	local from = jid.bare(stanza.attr.from);
	return rooms.muc(jid.host(from)) ~= nil or rooms.has_directed(jid.bare(stanza.attr.to), from);
end

-- Whether this group message was said before its recipient came (XEP-0045 section 7.2.13).
function rooms.is_history(message)
	return message:get_child("delay", "urn:xmpp:delay") ~= nil;
end

-- Whether a group message changes the subject (XEP-0045 section 8.1): with a body or thread it only names one.
function rooms.is_subject(message)
	return message:get_child("subject") ~= nil and not message:get_child("body") and not message:get_child("thread");
end

-- Whether somebody wants to see what was said in a room (XEP-0313).
function rooms.is_archive_query(stanza)
	return stanza.name == "iq" and stanza:get_child("query", xmlns_mam) ~= nil;
end

-- Whether this says nothing to a person, nor shows them anything: a digest (XEP-0153) brings a picture.
local function says_nothing(tag)
	local xmlns = tag.attr.xmlns;
	if xmlns == xmlns_muc_user then return not tag:find("item/reason") and not tag:get_child("destroy"); end
	if xmlns == "vcard-temp:x:update" then return (tag:get_child_text("photo") or "") == ""; end
	return wordless[xmlns or ""] or plain.is_availability(tag);
end

-- Whether nothing that a person reads or sees is in an occupant's presence, but for the nick.
function rooms.says_nothing(presence)
	for _, tag in ipairs(presence.tags) do
		if not says_nothing(tag) then return false; end
	end
	return true;
end

-- Whether this part of what enters a room shows nothing there: that it enters (XEP-0045 section 7.2.1), too.
function rooms.enters_silently(tag)
	return tag.attr.xmlns == xmlns_muc or says_nothing(tag);
end

-- Whether this presence tells who is behind the nick.
function rooms.tells_who(stanza)
	local x = stanza:get_child("x", xmlns_muc_user);
	local item = x and x:get_child("item");
	return item ~= nil and item.attr.jid ~= nil;
end

function rooms.has_status(stanza, code)
	local x = stanza:get_child("x", xmlns_muc_user);
	return x and x:get_child_with_attr("status", nil, "code", code) ~= nil;
end

return rooms;
