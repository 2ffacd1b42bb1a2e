# Why something was not taken or not done, in English. Each is a part of a sentence: it stands behind a colon, and a full stop
# may follow.

## What was typed

why-empty = nothing to match: write an address, a domain or words
why-not-an-address = not an address: { $problem }
why-not-a-domain = not a domain: { $problem }
why-whole-suffix = { $suffix } is a public suffix: unrelated people have domains under it, and all of them would be matched. If you mean that, confirm it (the box on the page, --whole-suffix on the command line, "confirmed": true in a file)
why-words = not usable as words: { $problem }
why-regex = the regular expression can't be used: { $problem }
why-not-yet = hashed addresses can't be added by hand: such entries come with subscribed lists, which don't exist yet
why-value = { $value }: { $problem }

## What to know about what was typed

note-shared-provider = { $domain } is used by very many people: everyone there would be affected
note-whole-domain = to cover every address there, use the domain { $domain }
note-taken-address = taken as the address { $value }
note-taken-domain = taken as the domain { $value } and all its subdomains
note-taken-words = taken as the words { $value }
note-taken-regex = taken as the expression { $value }, without the slashes around it
note-not-an-address = taken as words, as “{ $host }” is no known domain; for an address there, choose the kind address
note-holds-domain = taken as words; for an entry for { $domain }, write the domain alone
note-tagged-only = this matches the address with this tag only; to match it with any tag or none, use { $untagged }
note-unknown-ending = no domain that is known ends like { $domain }: check the spelling, or choose the kind words if you meant the text
note-short-words = “{ $words }” is very short: it may stand in messages that you want
note-broad = the expression matches ordinary sentences, such as “{ $example }”

## Addresses

address-shape = an address looks like name@example.org
address-domain = in what follows the @, { $problem }
address-two-ats = there is more than one @ in it
address-quote-open = a quotation mark is not closed: write "two words"@example.org
address-no-at = there is no @ in it
address-no-name = there is no name before the @; for everyone at { $domain }, use the domain { $domain }
address-no-domain = there is no domain after the @: write it like { $local }@example.org
address-backslash = “\” stands only before * or ? that are no wildcards: write \\ for it
address-blank = a blank can stand before the @ only in quotes: write { $written }
address-sign = “{ $char }” can stand before the @ only in quotes: write { $written }
address-empty-name = the name before the @ is empty
address-long-name = the name before the @ is longer than { $most } characters
address-and-more = there is more in it than an address: write the address alone, or choose the kind words
address-several = there are several addresses in it: add one entry for each

## Domains

domain-empty = there is no domain: a domain looks like example.org
domain-character = “{ $char }” can't stand in a domain: a domain looks like example.org
domain-wildcard = “{ $char }” can't stand in a domain: write the domain alone, it covers all its subdomains (example.org covers mail.example.org)
domain-empty-label = something is missing between two dots: a domain looks like example.org
domain-too-long = it is too long: a domain has at most { $most } letters, and at most { $between } between two dots
domain-international = “{ $label }” is not a valid international name: write it as a web browser shows it, or its xn-- form
domain-literal = there is no IP address in the brackets: write it like [192.0.2.1] or [IPv6:2001:db8::1]
domain-is-address = this is an address: choose the kind address, or write only what follows the @ ({ $domain })
line-allows-domain = there is more in it than the domain { $domain }: to allow the domain, write “allow domain: { $domain }”; to block the text, “words:” before it (in a table or in JSON, effect and kind have fields of their own)
line-holds-domain = there is more in it than the domain { $domain }: write the domain alone, or “words:” before it if you mean the text (in a table or in JSON the kind words)
line-not-an-address = “{ $host }” is no known domain: write “address:” before it if you mean an address, or “words:” if you mean the text (in a table or in JSON the kind)
domain-several = there are several in it: add one entry for each, or choose the kind words

## Words

words-no-letter = there is no letter or digit in it; write a word or a phrase
words-long = it is too long; write at most about { $most } letters, a telling part is enough

## Regular expressions

regex-at = at character { $at } (“{ $rest }”): { $problem }
regex-at-end = at its end: { $problem }
regex-long = it is longer than { $most } characters; write several entries
regex-large = it grows too large; use smaller numbers in {"{...}"}, and [a-z] rather than \w where that is enough
regex-compared-as = at character { $at }: “{ $char }” is compared as “{ $shown }”, so write that (with \ before signs that have a meaning)
regex-matches-all = it matches every text, even an empty one; write + instead of *, or drop a | at its end
regex-group-unclosed = this ( has no )
regex-group-unopened = this ) has no (
regex-group-name = a group's name is a word of its own: (?P<name>...)
regex-class-unclosed = this [ has no ]
regex-class-order = a range goes from the lower to the higher sign, like a-z
regex-class = that can't stand within [ and ]
regex-escape-end = a \ needs a sign behind it
regex-escape = this \ has no meaning: write \\ for the sign itself
regex-hex = \x needs the number of a character, such as \x41
regex-flags = these flags aren't known: only i, m, s, U, u and x are
regex-repeats-nothing = there is nothing before it to be repeated: write \ before it to mean the sign itself
regex-repetition-order = the smaller number comes first, like {"{2,5}"}
regex-repetition = a repetition is written like {"{3}"} or {"{2,5}"}; write \ before a {"{"} that means the sign itself
regex-boundary = a word's boundary is written \b
regex-property = no kind of character is called that
regex-backreference = a reference to an earlier group (\1) can't be used
regex-look-around = looking ahead or back, (?= and the like, can't be used
regex-nested = too many brackets stand within each other
regex-bytes = it must match text, not single bytes
regex-syntax = it can't be understood

## All entries together

compile-regexes = there are more than { $most } regular expressions: remove some, or write plain words instead
compile-regex = the regular expression { $expression } can't be compiled: remove it and write it anew
compile-words = there are too many words, or they are too long, to look for them all: remove some
compile-words-fault = the words can't be looked for ({ $error }): please report this as a fault of Postward

## Lines of a file

line-encoding = its letters are in an encoding that isn't known: save the file as UTF-8, then send it again
line-long = longer than { $most } KiB
option-until = { $until } is not a date: write 2027-01-31
option-unknown = [{ $option }] is not understood: the options are only mail, only xmpp, refuse, until DATE, ended DATE, off, confirmed
csv-unreadable = not readable as CSV: { $error }
csv-quote-open = a quotation mark before a value is not closed, or more stands behind it: write "" for one inside of a value in quotes
csv-fields = { $fields } fields, but { $columns } columns: quote a value that holds what separates columns
csv-kind = kind is "{ $field }": write address, domain, words or regex
csv-effect = effect is "{ $field }": write block or allow
csv-only = only is "{ $field }": write mail or xmpp, or nothing for both
csv-action = action is "{ $field }": write drop or refuse
csv-ended = ended is "{ $field }": write a date such as 2027-01-31
line-ended = its last day, { $until }, is over: it would never count. Write a later day, or “ended” for “until” to keep it all the same
csv-until = until is "{ $field }": write a date such as 2027-01-31
csv-enabled = enabled is "{ $field }": write yes or no
csv-confirmed = confirmed is "{ $field }": write yes or no
json-object = not an entry in JSON: { $error }

## Whole files

file-unreadable = the file can't be read to its end ({ $error })
csv-unknown-column = line { $line }: unknown column { $column }: the columns are { $columns }
csv-no-columns = line { $line }: the first line must name the columns: { $columns } (only value must be there)
json-element = not an entry in JSON: an entry is a text or an object like {"{"}"value": "example.org"{"}"}
json-not = line { $line }: this is not JSON: write objects, one a line, or in an array with commas between them
json-empty = the file is empty: an empty list is []
json-array-open = the file ends before its array does
json-object-open = line { $line }: the file ends in the middle of this object
import-none-understood = none of the { $count } lines can be understood (the first: { $problem })
import-broke-off = the import broke off
import-no-answer = the running daemon did not answer ({ $error }): see `systemctl status postward`. What went in until then stays; import it again, and the rest goes in

## Entries

why-no-entry = there is no entry { $id }
why-changed-meanwhile = { $id } was changed meanwhile: look at it again
why-there-already = { $value } is on the list already, as { $id }
why-households = { $id } is the household's: its admin can change it
why-own-list-only = you can change your own list only
why-note-controls = a note can't hold control characters
why-our-own = { $value } covers an address of { $name }, who lives here: it can't be blocked for the whole household. Block it on one member's own list (on the command line with --for NAME)
why-our-own-domain = { $value } covers { $domain }, a name of this server's own: it can't be blocked for the whole household. Block single addresses there, or it on one member's own list (on the command line with --for NAME)
why-report-gone = that report was taken back meanwhile

## Persons

why-person-name = a person needs a name of 1 to { $most } characters, without line breaks
why-person-there = there is a person called { $name } already
why-person-many = a person can have { $most } addresses
why-persons-many = there is room for { $most } persons
why-address-of = { $address } belongs to { $name } already
why-not-one-address = { $value } is not one address

## Members and their addresses

why-no-member = there is no member called { $name }; `postward member list` shows them
why-member-name = a member needs a name, without line breaks
why-member-there = there is a member called { $name } already
why-member-alike = { $name } looks like { $other }, who is a member already: choose a name that can be told apart
why-identity-others = { $value } is known as { $other }’s already, and can’t be somebody else’s, too: their list would count for it no more. Give the member { $other } a mail address or a link instead; it is free again once they are removed
why-login-others = { $login } is the name of another member, { $other }, and can't be this one's login: whoever logs in with it would change this one's list
why-name-others = { $name } is how another member, { $other }, signs in: choose another name
why-address-a-name = { $address } is the name of another member, { $other }, who signs in with it
why-catch-all-shared = { $domain } belongs to a provider where very many people have addresses: name this member’s own ones
why-login-empty = a login name can't be empty
why-not-leaving = they are not being removed
why-link-own-only = you can make a link for yourself only
why-links-today = { $count } links were made today, and each was announced: use the last one, or make another tomorrow
why-own-only = you can do this for yourself only
why-members-decide = only members decide on their addresses
why-unproven = this takes your password from before, or your recovery code: see under Account
why-unproven-shares = only who has shown to be this member can change what they share
why-shares-today = this was changed many times today, and each time you were told: change it tomorrow
why-address-is-domain = { $address } is a domain: write a whole address
why-address-theirs = that address is theirs already
why-address-waits = the code for that address was entered already: it waits for whose it is until now
why-address-not-yours = that address isn't yours
why-addresses-many = a member can have { $most } addresses
why-codes-today = enough codes were mailed today: enter the last one, or ask for another tomorrow
why-code-wrong = that is not the code that was mailed last, or it is older than three days
why-nobody-shares = nobody asks to share that address any more

## The store

-bring-back = stop Postward, and bring a list back with `postward restore BACKUP` or by renaming a kept copy in that folder (replaced-… or before-schema-…)
store-failed = the database failed ({ $error })
store-full = the database failed ({ $error }): the disk is full; make room and try again
store-busy = the database failed ({ $error }): another program holds the database; try again
store-corrupt = the database failed ({ $error }): the database is damaged; { -bring-back }
store-read-only = the database failed ({ $error }): the data folder can't be written; mend its owner and mode
store-disk-full = the disk is full where the lists are ({ $folder }): they can be read and not changed. Make room and try again; a Postward that runs has to be restarted then: `systemctl restart postward`
store-disk-read-only = the file system of the lists ({ $folder }) is read-only: they can be read and not changed. The system's log (`dmesg`) says why if it isn't meant; make it writable and try again; a Postward that runs has to be restarted then: `systemctl restart postward`
store-taken-back = the database took the change back: the disk may be full; make room and try again
store-lost = the database is lost: { $file } was removed or replaced while Postward runs. Messages are still judged by the last list, and `postward export` saves it; then { -bring-back }
store-damaged = the database is damaged: { $fault }. Messages are still judged by the last list, and `postward export` may save it; then { -bring-back }
store-random = the system gives no random numbers ({ $error })
store-no-room = there is no room for another entry
store-members = too many members
store-persons = too many persons
store-fault = a fault inside Postward ({ $error })
store-inside = something failed inside Postward
store-no-answer = the running daemon did not answer ({ $error }): see `systemctl status postward`, and try again
store-other-version = the running daemon is of another version: restart it

## The chat door, which isn't connected

chat-unreachable = Prosody can't be reached at { $address } ({ $error }); trying again. Is it running, and does its component port listen there?
chat-secret = Prosody does not accept the component's secret: compare component_secret under Component "{ $domain }" with { $file }
chat-unknown-domain = Prosody at { $address } knows no external component { $domain }: its configuration needs Component "{ $domain }" with a component_secret
chat-conflict = another program is connected to Prosody as { $domain }: end it, or set component_conflict_resolve = "kick_old"
chat-contested = another program is connected to Prosody as { $domain } again and again, and each throws the other out: end one of them; if it has ended, this goes away within two minutes
chat-ended = Prosody at { $address } ended the connection ({ $error }); trying again
chat-lost = the connection to Prosody at { $address } is lost ({ $error }); trying again
chat-not-prosody = what listens at { $address } doesn't speak the component protocol (XEP-0114): is it Prosody's component port, 5347?
