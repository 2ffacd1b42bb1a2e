# What the component says to members in chat, in English. Readers may be tired and frightened: short sentences, plain words, no
# blame. The words that members write (block, list, undo, ...) are the same in every language.

## Commands

desk-help =
    Write one of these, or forward a message from whoever you want to block:
    block mallory@example.org
    block example.org (everyone there)
    block words see you soon (whoever writes that)
    allow friend@example.org
    list, or list mallory
    remove mallory@example.org
    try mallory@example.org, or try and a text: what would happen to it
    undo: takes the last change back
    page: a link that opens your settings page
desk-help-admin = household block mallory@example.org: the same for everyone here
desk-unclear = I didn’t understand that, and nothing has changed. Write help to see what I understand.
desk-encrypted = I can’t read encrypted messages. Please switch encryption off for this conversation: what you write here stays on your own server.
desk-too-much = That was too much at once, and I have not read your last message. Please wait a minute.
desk-one-at-a-time = Please write one line, with one address, domain or phrase. Nothing has changed.
desk-link = The link opens your own page. It works once, for { $minutes } minutes, and takes the place of any before. Give it to nobody: whoever opens it is taken for you.

## Forwarded messages. $verb is block or allow

desk-nobody = That doesn’t say whom it is from, and nothing has changed. Write { $verb } and the address.
desk-from-room = That is from a group chat, which doesn’t say who wrote it. Nothing has changed. If you know the address, write { $verb } and the address.
desk-who-of = That is from a group chat, { $room }, and nothing has changed. To { $verb } one of these, write its number:
desk-who-of-untold = That is from a group chat, { $room }, which doesn’t say who wrote it. Nothing has changed. If you know the address, write { $verb } and the address. To { $verb } this, write its number:
desk-who-of-there = { $address }, who has that name there now
desk-who-of-all =
    { $verb ->
        [block] { $room }, the whole group chat: everybody in it, and you leave it
       *[allow] { $room }, the whole group chat: everybody in it
    }
desk-from-yourself = That is from yourself. Nothing has changed.
desk-forwarded-several = Those are several messages. Please forward one at a time. Nothing has changed.
desk-forwarded-unread = I have read what you wrote, and have not looked at what you forwarded.
desk-which = I’m not sure which address you mean, and nothing has changed. To { $verb } one of these, write its number:
desk-no-such-number = There is no such number, and nothing has changed. The numbers go from 1 to { $most }.
desk-left-as-it-is = All right. Nothing has changed.
desk-nothing-asked = I have asked nothing, or too long ago. Nothing has changed. Write help to see what I understand.

## An entry, before and after it is added. $whose is mine or household

desk-sure = Nothing has changed yet. To { $verb } it all the same, write yes.
desk-doubt-suffix = { $suffix } doesn’t belong to one owner: everyone under it would be affected.
desk-doubt-own = Your own account is at { $domain }: everyone who lives here would be affected.
desk-doubt-all = What stands behind the slash isn’t told apart: all of { $address } would be affected. If that is a room, it is everybody in it, and you leave it.
desk-doubt-block-words = That is no address and no domain. As { $what } it would stop every message that says so, a friend’s, too.
desk-doubt-allow-words = That is no address and no domain. As { $what } it would let every message through that says so.
desk-blocked =
    { $whose ->
        [mine] Blocked for you: { $what }.
       *[household] Blocked for everyone here: { $what }.
    }
desk-allowed =
    { $whose ->
        [mine] Allowed for you: { $what }.
       *[household] Allowed for everyone here: { $what }.
    }
desk-changed =
    { $whose ->
        [mine] Changed for you: { $what }.
       *[household] Changed for everyone here: { $what }.
    }
desk-blocked-already =
    { $whose ->
        [mine] Nothing has changed: { $what } was blocked for you already.
       *[household] Nothing has changed: { $what } was blocked for everyone here already.
    }
desk-allowed-already =
    { $whose ->
        [mine] Nothing has changed: { $what } was allowed for you already.
       *[household] Nothing has changed: { $what } was allowed for everyone here already.
    }
desk-will-block =
    { $whose ->
        [mine] This will be blocked for you: { $what }.
       *[household] This will be blocked for everyone here: { $what }.
    }
desk-will-allow =
    { $whose ->
        [mine] This will be allowed for you: { $what }.
       *[household] This will be allowed for everyone here: { $what }.
    }
desk-from =
    { $kind ->
        [addresses] from every such address
        [address] from it
        [domain] from everyone there and at its subdomains
        [words] that say this, as whole words,
        [regex] whose text it fits
       *[hashed] from whom it stands for
    }
desk-messages =
    { $channels ->
        [all] Mails and chat messages { desk-from }
        [mail] Mails { desk-from }
       *[chat] Chat messages { desk-from }
    }
desk-drops = { desk-messages } don’t arrive any more. The sender isn’t told, and what is dropped is gone.
desk-refuses = { desk-messages } are refused. The sender learns that they didn’t arrive, not why.
desk-allows =
    { $channels ->
        [all] { desk-messages } arrive; mails only if DKIM or SPF proves who sent them.
        [mail] { desk-messages } arrive if DKIM or SPF proves who sent them.
       *[chat] { desk-messages } arrive.
    }
desk-sealed = End-to-end encrypted messages can’t be read.
desk-until = The last day is { $until }.
desk-note = Note: { $remark }.
desk-note-room = Note: if { $address } is a group chat, this is about all of it: everybody in it.
desk-note-yourself = Note: what your own clients send to your own account in chat arrives all the same.
desk-note-desk = Note: my own answers arrive all the same.
desk-no-mail = No mail address of yours is known here, so it counts in chat only: your admin can add the address.
desk-nowhere = No mail address of yours is known here, so it does nothing yet: your admin can add the address.
desk-allowed-too = It is on the list as allowed, too, and that counts more: remove it there first.
desk-blocked-too = It is on the list as blocked, too; allowed counts more, in mail where the sender is proven.
desk-undo = To take it back, write undo.

## The list

desk-list-blocked = blocked:
desk-list-allowed = allowed:
desk-list-mail = mail only
desk-list-chat = chat only
desk-list-refused = refused
desk-list-until = until { $until }
desk-list-admin = added by an admin
desk-list-unproven = added on the page, without proof that it was you
desk-list-client = made by a chat client
desk-list-off = switched off
desk-list-more = For the next ones, write more.
desk-list-empty =
    { $whose ->
        [mine] Your list is empty.
       *[household] The household’s list is empty.
    }
desk-list-nothing =
    { $whose ->
        [mine] Nothing on your list contains that.
       *[household] Nothing on the household’s list contains that.
    }
desk-whose-list =
    { $whose ->
        [mine] your list
       *[household] the household’s list
    }
desk-list-heading =
    { $count ->
        [one] One entry on { desk-whose-list }, the newest first:
       *[other] { $count } entries on { desk-whose-list }, the newest first:
    }
desk-list-found =
    { $count ->
        [one] One entry on { desk-whose-list }, the newest first:
       *[other] { $count } entries with that on { desk-whose-list }, the newest first:
    }
desk-not-on-list =
    { $whose ->
        [mine] That isn’t on your list. Nothing has changed.
       *[household] That isn’t on the household’s list. Nothing has changed.
    }
desk-remove-what = Write remove and what shall go, as it stands on the list, or its id.
desk-remove-which = Nothing has changed yet. To remove one of these, write its number:
desk-removed-block = Removed: { $what } is no longer blocked by this list.
desk-removed-allow = Removed: { $what } is no longer allowed by this list.
desk-undone-no-block = Taken back: { $what } is no longer blocked by { desk-whose-list }.
desk-undone-no-allow = Taken back: { $what } is no longer allowed by { desk-whose-list }.
desk-undone-block = Taken back: { $what } is blocked again by { desk-whose-list }.
desk-undone-allow = Taken back: { $what } is allowed again by { desk-whose-list }.
desk-undone-settings = Taken back: { $what } is on { desk-whose-list } as it was before.
desk-nothing-to-undo = There is nothing that I can take back. Write list to see what is there, and remove what shall go.

## What would happen

desk-try-what = Write try and an address or a text, or forward a message with the word try.
desk-try-address = Taken as a sender’s address.
desk-try-text = Taken as a text from somebody who isn’t on the list.
desk-try-message = Taken as the source of a mail.
desk-try-no-mail = No mail address of yours is known here: for mail, nothing can be said.
desk-try-mail = Mail: { desk-outcome }. { $sentence }
desk-try-chat = Chat: { desk-outcome }. { $sentence }
desk-try-client = Your chat program blocks it, and nothing that is allowed gets past that. Unblock it there, or remove that entry here.
desk-outcome =
    { $outcome ->
        [deliver] gets through
        [drop] blocked
       *[refuse] refused
    }

## What was not done

desk-empty = There is nothing to match. Write an address, a domain or words.
desk-not-taken = { $problem }. Nothing has changed.
desk-too-long = That is too long: at most { $most } characters. Nothing has changed.
desk-not-admin = Only an admin can see or change the household’s list here. Nothing has changed.
desk-shared = Several members share this account, so that it has no list of its own. Nothing has changed.
desk-too-many-members = There are very many members already: please ask your admin to add you. Nothing has changed.
desk-full = Your list has become very long. Remove something first. Nothing has changed.
desk-no-page = I can’t make a link, because I don’t know where your browser finds the page. Please ask your admin to set url under [web] in postward.toml and to restart Postward.
desk-gone = That is no longer on the list. Nothing has changed.
desk-store = The list could not be read or stored. Nothing has changed. Please try again later.
desk-refused = Nothing has changed: { $problem }.

## Commands with forms (ad-hoc commands); what forms and the page share is in page.ftl

desk-form-list = See the list
desk-form-remove = Remove from the list
desk-form-try = Try what would happen
desk-form-page = Open my page
desk-form-link = Your link
desk-form-commands = What you can do
desk-form-value = Address, domain or words
desk-form-until = Last day, such as 2030-12-31 (empty means for ever)
desk-form-for = For whom?
desk-form-for-me = For me
desk-form-for-everyone = For everyone here
desk-form-sure = Yes, I mean all of that
desk-form-find = Only what contains this (empty means all)
desk-form-remove-what = What shall go, as it stands on the list, or its id
desk-form-choose = Which of these shall go?
desk-form-try-what = Address or text
desk-form-try-hint = Nothing that you write here is kept.
desk-form-result = What would happen
desk-form-effect = Effect
desk-form-entry = Value
desk-form-details = Details
desk-form-id = Id
desk-form-not-offered = Please choose among what is offered. Nothing has changed.
desk-form-confirm = Nothing has changed yet. If you mean all of that, say so below.
desk-form-choose-one = Nothing was chosen, so nothing has changed.
desk-form-too-late = This has taken too long. Please begin again.
