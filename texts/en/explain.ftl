# What would happen to a message, and why, in English: for the page, `postward check` and members in chat.

explain-unlisted = { explain-outcome }: no entry matches it.
explain-outgoing = { explain-outcome }: it goes to somebody elsewhere, which is not ours to judge.
explain-sender = { explain-outcome }: { explain-role } is { $identity }, and { explain-entry }.
explain-text = { explain-outcome }: { explain-place } says “{ $excerpt }”, and { explain-entry }.
explain-proof = An allow entry covers its author: it would be delivered if the server can prove that the author sent it.
explain-cut-short = It is too large or too deep to be read to its end: it was judged by what was seen.

## The parts of these sentences

explain-outcome =
    { $outcome ->
        [deliver] It would be delivered
        [drop] It would be dropped, and the sender not told
       *[refuse] It would be refused, as if the account could not be reached
    }
# The entry as its owner sees it; one that is only tried; one that whoever asks may not see.
explain-entry =
    { $seen ->
        [listed] { explain-whose } { explain-does } { pattern-in-words } ({ $entry })
        [tried] an entry that { explain-does } { pattern-in-words } covers that
       *[hidden] the entry { $entry } { explain-hidden }
    }
explain-whose =
    { $scope ->
        [household] the household's list
       *[member] the member's own list
    }
explain-does =
    { $effect ->
        [block] blocks
       *[allow] allows
    }
explain-hidden =
    { $reason ->
        [blocked-address] blocks that address
        [blocked-domain] blocks that domain
        [blocked-words] blocks those words
        [blocked-regex] blocks that, by a regular expression
        [allowed-address] allows that address
        [allowed-domain] allows that domain
        [allowed-words] allows those words
        [allowed-regex] allows that, by a regular expression
       *[other] covers that
    }
pattern-in-words =
    { $kind ->
        [addresses] addresses like { $value }
        [address] the address { $value }
        [domain] the domain { $value }
        [words] the words “{ $value }”
        [regex] what the regular expression { $value } matches
       *[hashed] an address of a subscribed list
    }
explain-role =
    { $role ->
        [envelope] the envelope sender
        [from] the author (From)
        [sender] the Sender field
        [reply-to] the address for replies (Reply-To)
        [resent-from] the Resent-From field
        [resent-sender] the Resent-Sender field
        [return-path] the Return-Path field
        [display-name] an address in the displayed name
        [login] the account that sent it
        [occupant] the person in the room
        [occupant-elsewhere] the person in the room, as the room says,
        [inviter] the person who invites
        [forwarded] the sender of the forwarded message
       *[stanza] the sender
    }
explain-place =
    { $place ->
        [subject] the subject
        [display-name] the displayed name
        [body] the text
        [html] the formatted text (HTML)
        [attachment-name] the name of an attached file
        [attached-message] an attached message
        [calendar] an attached appointment or contact card
       *[stanza] the message's other text
    }
