# The links of the chain, as a check finds them, in English. What to do about one is its .remedy: one that holds has none.

-connect-postfix = Run `postward connect postfix` as root: it shows the change before it makes it.
-every-allow = Look through the allowed entries for one that allows everybody.
-every-block = Look through the list for a pattern that fits everybody, and switch it off.
-other-filter = See Postfix's log: another milter or filter may have refused it.
-restart-prosody = Restart Prosody. If it stays so, see Prosody's log for "postward".

## Postward itself

daemon-runs = Postward { $version } is running.
daemon-absent = Postward isn't running: nothing is filtered.
    .remedy = Start it: `systemctl enable --now postward`. If it doesn't stay, `journalctl -u postward` says why.
daemon-silent = Postward is there and has not answered within { $seconds } seconds: it hangs, or has too much to do. While it hangs, nothing is judged, and mail waits or passes, as Postfix is set up.
    .remedy = Look once more; if it stays so, `systemctl restart postward`, and `journalctl -u postward` may say why.
configuration-good = The configuration can be used.
configuration-bad = The configuration is bad: { $error }.
    .remedy = Mend it. A Postward that runs keeps the old one; it would not start again.
status-failed = The lists don't answer: { $error }.
    .remedy = Restart Postward: `systemctl restart postward`.

## Where the page is

page-url-missing = Browsers reach the page as { $name }, and yet members' sign-in links lead to this machine itself.
    .remedy = Write under [web] where browsers find the page, such as url = "https://{ $name }/", with the path if there is one, and restart Postward.

## What trusted_clients exempts

trusted-here = Mail that this machine hands in itself isn't judged, because trusted_clients names { $here }: whatever an onion service, fetchmail, a proxy, a tunnel or a mailing list program here passes on gets through, whoever wrote it.
    .remedy = If that isn't meant, take it out of trusted_clients under [mail], and name single addresses of relays instead.
trusted-house = Mail from { $house } isn't judged: whatever any device there sends or passes on gets through, a router that forwards the mail port included.
    .remedy = { trusted-here.remedy }
trusted-both = { trusted-here } { trusted-house }
    .remedy = { trusted-here.remedy }

## The database and the files

database-whole = The database is whole.
database-damaged = The database is damaged: { $fault }.
    .remedy = Stop Postward, keep a copy of the data folder, and put back the newest sound copy of the lists; `postward export`, while it still runs, may save what is in force.
database-not-yet = There is no list yet.
    .remedy = Start Postward, with `systemctl start postward`: it makes the list.
database-unreadable = The database can't be read: { $error }.
    .remedy = { database-damaged.remedy }
files-closed = The lists' files can be read by Postward's account alone.
files-unseen = The data folder { $folder } can't be looked at: { $error }.
    .remedy = Give it back to the account that Postward runs as: `postward doctor`, run as root, does.
files-wrong = Owner or mode of { $files } is wrong, and this account may not mend it.
    .remedy = Run `postward doctor` as root: it mends them.
files-mended = Owner or mode of { $files } was wrong; that is mended.
    .remedy = Until now others on this machine may have been able to read it. A copy that was put back or a chmod does that: see that it doesn't happen again.

## The machine

-make-room = old logs, package caches (`apt-get clean`) and mail spools are the usual places.
disk-room = There is room on the disk: { $free }.
disk-unseen = How much room there is on the disk can't be seen: { $error }.
    .remedy = See with `df` whether there is room.
disk-full = The disk is full: where the lists are, there is room for { $free } only. Changes to them will fail.
    .remedy = Make room: { -make-room }
disk-no-files = The disk is full: where the lists are, there is room for no further file. Changes to them will fail.
    .remedy = Make room: { -make-room }
disk-almost-full = The disk is almost full: where the lists are, { $free } are left.
    .remedy = Make room soon: { -make-room }
clock-plausible = The clock is plausible.
clock-behind = The clock is years behind. Entries with an end date count too long.
    .remedy = See `timedatectl`: `timedatectl set-ntp true` keeps the clock right where there is a network; a board without a clock of its own needs that, or fake-hwclock.
clock-went-back = The clock has gone back: the lists were written at a time that is still to come. Entries with an end date may count wrongly.
    .remedy = { clock-behind.remedy }
clock-unset = The clock has not been set by the network since the start.
    .remedy = { clock-behind.remedy }
suffixes-recent = The list of public suffixes is recent enough: { $list }.
suffixes-old = The list of public suffixes is old: { $list }. What a typed domain covers may be said wrongly.
    .remedy = Install or upgrade Debian's package publicsuffix, and restart Postward.
dns-not-needed = DNS isn't needed: nobody is allowed in mail by an entry.
dns-answers = DNS answers, so allowed senders can be proven.
dns-silent = DNS doesn't answer ({ $problem }). Mail from allowed senders is stopped where another entry blocks it.
    .remedy = See that the name server in /etc/resolv.conf answers, or name one: `resolver` under [mail].
dns-silent-at = { dns-silent }
    .remedy = See that a DNS server answers at { $resolver }, or change `resolver` under [mail].

## Both doors. $door is mail or chat

list-in-force = The list in force on { $door } is the one that is stored (revision { $stored }).
list-behind = On { $door } revision { $revision } of the list is in force, and { $stored } is stored.
    .remedy = Restart Postward: `systemctl restart postward`. Then please report this fault.
judging-failed = Since the start, judging { $door } failed { $count } times by a fault of Postward's own; the failure mode decided.
    .remedy = Please report it, with what `journalctl -u postward` says: it holds nothing of the messages.
door-starting = The door is not open yet: Postward is starting.
    .remedy = Look again in a minute; if it stays so, see `journalctl -u postward`.

## Mail

socket-open = Postfix can ask at { $address }.
socket-closed = Nobody can ask at { $address }: { $problem }. Mail is not judged.
    .remedy = Run `systemctl restart postward.socket postward`, or restart Postward in whatever way it is started.
socket-gone = Nobody can ask at { $address }: the socket is gone ({ $problem }). Mail is not judged.
    .remedy = { socket-closed.remedy }
socket-is-a-file = Nobody can ask at { $address }: there is a file that isn't a socket. Mail is not judged.
    .remedy = { socket-closed.remedy }
socket-silent = Nobody can ask at { $address }: nobody listens at the socket ({ $problem }). Mail is not judged.
    .remedy = { socket-closed.remedy }
socket-untried = Postward listens at { $address }, and can't try whether Postfix may ask there: its own account may not.
    .remedy = Give it the socket, with `SocketUser=postward` in postward.socket, and run `systemctl restart postward.socket postward`.
socket-forbidden = Nobody can ask at { $address }: its owner or mode keeps Postfix out; it needs group postfix and mode 0660. Mail is not judged.
    .remedy = { socket-closed.remedy }
postfix-takes-mail = Postfix takes mail at { $server }.
postfix-absent = Nobody takes mail at { $server }: { $problem }.
    .remedy = See `systemctl status postfix`. If Postfix is elsewhere, write where into `server` under [mail]; if there is none, write "none".
mail-unasked = Postfix doesn't ask Postward about what it takes at { $server }: mail is not judged. No probe was sent.
    .remedy = { -connect-postfix } See docs/postfix.md if another port takes mail from outside.
mail-put-off = Postfix puts senders off ({ $reply }): it can't reach Postward, or has a fault of its own.
    .remedy = See Postfix's log for "milter" (`journalctl -u postfix@-`), then docs/postfix.md.
mail-untried = A { $probe } mail can't be tried: Postfix at { $server } doesn't take one ({ $problem }).
    .remedy = Let `server` under [mail] name a place where Postfix takes mail from this machine for elsewhere, or set up blocking by forwarding (docs/forwarding.md), whose address is used then.
mail-never-shown = Postfix asked about a { $probe } mail and then never showed it to Postward.
    .remedy = Another milter or filter may have refused it: see Postfix's log, and whether mail from outside comes in. Where smtpd_proxy_filter is set, Postward belongs on the port behind the proxy (docs/postfix.md).
mail-blocked-stopped = A blocked mail, handed to Postfix at { $server }, was stopped, and its sender wasn't told.
mail-blocked-told = A blocked mail was stopped, but Postfix told its sender that something was wrong.
    .remedy = { -other-filter }
mail-blocked-passed = A blocked mail would have got through: an entry allows what nobody could have meant.
    .remedy = { -every-allow }
mail-plain-stopped = A mail without any text, from somebody on no list, was stopped: an entry catches everything.
    .remedy = { -every-block }
mail-plain-refused = Postfix didn't take a plain mail that Postward let through: { $problem }.
    .remedy = { -other-filter }
mail-plain-lost = A plain mail to { $address } was let through, and didn't come to Postward's own listener.
    .remedy = See Postfix's queue (`postqueue -p`) and transport_maps: docs/forwarding.md shows them.
mail-plain-arrived = A plain mail went through Postfix and its queue to Postward's own listener.
mail-plain-passed = A plain mail was let through by Postward, which then took it away: nobody has got it.

## Postfix's configuration

postfix-unreadable = Postfix's configuration can't be read: { $error }.
    .remedy = If there is no Postfix on this machine, set `server = "none"` under [mail]; else see `postfix check`.
postfix-braces = { $setting } in main.cf has braces that don't match.
    .remedy = Mend that line.
postfix-unconnected = Postfix doesn't ask Postward about mail: { $setting } in main.cf doesn't name { $milter }.
    .remedy = { -connect-postfix }
postfix-asks =
    Postfix asks Postward about mail, and { $action ->
        [tempfail] puts senders off
       *[accept] lets mail through
    } when it doesn't answer.
postfix-other-failure = Postfix asks Postward about mail. When Postward doesn't answer, Postfix does "{ $action }", and `failure` under [mail] says "{ $failure }".
    .remedy = If that isn't on purpose: { -connect-postfix }
postfix-services = master.cf gives { $services } milters of its own: { $setting } in main.cf doesn't count there.
    .remedy = See with `postconf -P` whether Postward is among them; if mail from outside comes in there, it must be.
postfix-no-milters = { $services } in master.cf takes mail without asking any milter (no_milters).
    .remedy = That is right where mail comes back from another filter. If mail from outside comes in there, take no_milters away.
postfix-options = Postfix asks no milter about any mail: { $setting } in main.cf has no_milters.
    .remedy = Take no_milters out of that line, and `postfix reload`.
postfix-clients = { $some } counts before { $setting } for the clients that it names: what they send may not be asked about.
    .remedy = See that it names only whom you trust, and Postward where it names milters.
postfix-impatient = Postfix waits { $value } for Postward ({ $setting }): after that mail is put off or goes unjudged. Proof of a sender takes up to 3 seconds, and a very large mail more.
    .remedy = Take the setting away, or give it at least { $least }s.
postfix-tells = { $setting } isn't "{ $safe }": strangers can learn from Postfix that there are addresses for forwarding.
    .remedy = `postconf -e { $setting }={ $safe }` and `postfix reload`.
delimiter-unknown = recipient_delimiter is "{ $postfix }" in Postfix, and Postward knows "{ $postward }" alone: mail to anna-shop reaches Anna, and her own entries don't count there.
    .remedy = Write `recipient_delimiter = "+-"` under [mail] in Postward's configuration, and restart it.
delimiter-impossible = recipient_delimiter is "{ $postfix }" in Postfix, and Postward knows "{ $postward }" alone: mail to anna{ $char }shop reaches Anna, and her own entries don't count there.
    .remedy = Postward understands "+" and "-". If nobody uses another, take it out of recipient_delimiter in Postfix; else give members those addresses, too.
delimiter-more = Postward takes anna-shop for Anna's sub-address, and Postfix doesn't: its recipient_delimiter is "{ $postfix }". Anna's own entries count there, though it may be somebody else.
    .remedy = Take recipient_delimiter under [mail] away, and restart Postward; or write the same in Postfix.
size-covered = The largest mail that Postfix takes ({ $limit } bytes) is looked at from end to end.
size-larger = Postfix takes mails of up to { $limit } bytes, and Postward looks at the first { $scanned } MiB: words behind that aren't found.
    .remedy = Unless larger mails are needed: `postconf -e message_size_limit={ $scan }` and `postfix reload`.
size-unlimited = Postfix takes mails of any size, and Postward looks at the first { $scanned } MiB: words behind that aren't found.
    .remedy = { size-larger.remedy }
dsn-hidden = Postfix offers no notices of success, so senders don't learn what was dropped.
dsn-offered = Postfix offers notices of success (dsn): a sender who asks for one learns that a mail was dropped, because none comes.
    .remedy = Run `postward connect postfix` as root: it adds dsn to { $setting }.
dsn-for-some = { $some } counts before { $setting } for the clients that it names.
    .remedy = See that dsn stands there, too: whoever gets notices of success learns what was dropped.
dsn-services = { $services } in master.cf offers notices of success (dsn): whoever asks there for one learns that a mail was dropped.
    .remedy = Add dsn and silent-discard to { $setting } of that service.
domains-known = Members are known by every address at which Postfix delivers to them.
domains-unknown =
    Mail to { $addresses }{ $more ->
        [0] { "" }
       *[other] { " " }and { $more } more
    } reaches a member too, because mydestination names those domains, and no member has such an address: the household's entries count there, the member's own don't.
    .remedy = Tell Postward the account that the member logs in to (its name alone), or let them have those addresses, too; or take domains that nobody needs out of mydestination.
passed-on =
    Mail to { $domains }{ $more ->
        [0] { "" }
       *[other] { " " }and { $more } more
    } comes in here and goes on by smtp, as mail to strangers does: it isn't judged, except for members' own addresses.
    .remedy = Write `relay:` or `lmtp:` instead of `smtp:` in transport_maps, virtual_transport, local_transport or relay_transport. If only members have addresses there, nothing is wrong.

## Chat

chat-connected = Postward is connected to Prosody at { $address }.
chat-unwatched = Chat is not watched: { $problem }.
    .remedy = Do as it says; Postward tries again by itself every few seconds.
module-loaded = mod_postward { $version } is loaded in Prosody, as it should be.
module-unheard = mod_postward has not been heard from: it isn't loaded in Prosody, and chat is not judged.
    .remedy = Run `postward connect prosody` as root, or add "postward" to modules_enabled; then restart Prosody.
module-other-version = mod_postward in Prosody is version { $found }, and Postward is { $version }.
    .remedy = Copy mod_postward { $version } to where Prosody's modules are, and restart Prosody.
module-unjudged = mod_postward { $version } is loaded in Prosody. Since then { $count } stanzas went unjudged, because Postward was absent or too slow.
    .remedy = Nothing, if Postward or Prosody was restarted. If the number grows, the machine is too busy.
hosts-judged = Chat is judged at { $hosts }.
hosts-unjudged = Chat at { $hosts } is not judged: mod_postward isn't loaded there.
    .remedy = If people use these hosts, add "postward" to their modules_enabled, or load postward_everywhere on Postward's Component, and restart Prosody.
chat-unasked = A { $probe } stanza to { $hosts } was not asked about: chat is not judged there.
    .remedy = { -restart-prosody }
chat-failed = Judging a { $probe } stanza to { $hosts } failed.
    .remedy = Please report this fault of Postward's.
chat-blocked-passed = A blocked stanza to { $hosts } would have got through: an entry allows what nobody could have meant.
    .remedy = { -every-allow }
chat-blocked-stopped = A blocked stanza was stopped at { $hosts }.
chat-plain-stopped = A stanza to { $hosts } without any text, from somebody on no list, was stopped: an entry catches everything.
    .remedy = { -every-block }
chat-plain-lost = A plain stanza to { $hosts } was let through and then got lost.
    .remedy = { -restart-prosody }
chat-plain-arrived = A plain stanza got through at { $hosts }, and ended there: nobody has got it.

## Prosody's configuration

prosody-unreadable = Prosody's configuration { $file } can't be read: { $error }.
    .remedy = Name it with --prosody FILE. If there is no Prosody on this machine, take the table [xmpp] out of Postward's configuration.
component-there = Prosody's configuration has Component "{ $domain }", with Postward's secret.
component-missing = Prosody's configuration has no Component "{ $domain }", as which Postward connects.
    .remedy = Run `postward connect prosody` as root, or add the lines that docs/prosody.md shows; then restart Prosody.
component-no-secret = Component "{ $domain }" in Prosody's configuration has no component_secret.
    .remedy = Add the line component_secret with what stands in the file that `secret_file` under [xmpp] names; restart Prosody.
component-other-secret = The component_secret of Component "{ $domain }" is not the one that Postward has.
    .remedy = Write the same secret into Prosody's configuration and into the file that `secret_file` under [xmpp] names; restart both.
loads-module = Prosody's configuration loads mod_postward, and its file is of this version.
loads-other-component = postward_component in Prosody's configuration is "{ $found }", and Postward connects as "{ $domain }".
    .remedy = Make the two names the same, and restart Prosody.
loads-no-component = postward_component is not set in Prosody's configuration: mod_postward isn't loaded without it.
    .remedy = Add postward_component = "{ $domain }" to the global part, and restart Prosody.
loads-nothing = Prosody's configuration loads neither postward nor postward_everywhere: chat is not judged.
    .remedy = Add "postward" to modules_enabled, of every room's Component, too; then restart Prosody.
loads-no-file = The file of mod_postward is in none of the folders where Prosody looks for modules.
    .remedy = Copy the folder mod_postward to { $folder } or to where plugin_paths leads, and restart Prosody.
loads-unknown-version = The file of mod_postward is version (unknown), and Postward is { $version }.
    .remedy = { loads-other-version.remedy }
loads-other-version = The file of mod_postward is version { $found }, and Postward is { $version }.
    .remedy = Copy mod_postward { $version } there, and restart Prosody.
options-there = The component is hidden from strangers.
options-missing = Under Component "{ $domain }" this isn't written: { $missing }.
    .remedy = Add it, unless it is set in another way: strangers shouldn't find the component, and Postward should come back at once after a lost connection (docs/prosody.md).

## What `postward doctor` says around them, and what the admin is told

doctor-good = good
doctor-worth-knowing = note
doctor-bad = BAD
doctor-to-do = To do: { $remedy }
doctor-as-root = What only root can see, on { $date }:
doctor-not-root = Run as root, it reads Postfix's and Prosody's configuration, too.
doctor-all-good = All is well.
doctor-all-worth-knowing = The chain holds; worth knowing: { $known }.
doctor-all-bad = The chain does not hold. Bad: { $bad }; worth knowing: { $known }.
news-wrong = Postward: something is wrong.
news-partly-well = Postward: some of it is well again.
news-well = Postward: all is well again.
news-to-do = What to do: { $remedy }
news-over = No longer so: { $what }
news-where = `postward doctor` on the server, or Check on the page, shows all of it.
reported-title = Postward: a member has reported somebody.
reported = Your page shows who was reported, under Account: you can block them for everyone, or dismiss the report.
