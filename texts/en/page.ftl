# The texts of the settings page, in English.
# Readers may be tired and frightened: short sentences, plain words, no blame.

## Around every page
# Its name as browsers know it (BCP 47).
language = en
to-content = To the content
pages = Pages
leave = Leave quickly
tab-block = Block
tab-list = List
tab-try = Try it
tab-account = Account
undo = Undo
last-change = Last change:
to-front = To the front page

## Signing in and out
sign-in = Sign in
password = Password
password-hint = It was shown in the terminal when Postward first started. On the server, “postward password” makes a new one.
password-hint-members = Forgotten? The household’s admin can make a new link for you. The password of the household’s own list is made on the server, by “postward password”.
sign-in-interrupted = You were away for a while. What you typed is kept: sign in to go on.
sign-in-ended = You were away for a while, and nothing was done. Sign in, then do it once more.
sign-in-over = You are signed out here: nothing was pressed for half an hour, this was ended from another browser, or the account is gone.
sign-in-wrong = That password is not right. Nothing else is wrong: try again.
sign-in-again = The page was open for too long, or cookies are off. Please try once more.
sign-in-busy = Several people are trying to sign in at this moment. Wait a few seconds, then try again.
sign-in-unreadable = Postward can’t read its list at the moment. On the server, “postward status” says what to do.
sign-in-no-password = There is no password yet. On the server, “postward password” makes one.
sign-in-name = Your name
sign-in-name-hint = The name, login or address by which the household knows you. Empty for the household’s own list.
password-was-made = Your password was made by Postward and shown on a screen. Choose one of your own, under Account.
last-sign-in = Last sign-in before this one: { $date }.
you-leave = The household’s admin has removed you. Your list stays in force for 14 days and is deleted after that. You can save it under “List”.
you-leave-on = The household’s admin has removed you. Your list stays in force until { $date } and is deleted then. You can save it under “List”.
sign-out = Sign out
sign-out-hint = Your lists stay in force. After half an hour without a click you are signed out anyway.

## The front page
block-title = Block somebody
block-label = Address, domain or words to block
block-hint = For example mallory@example.org, example.org, or words that their messages contain.
allow-title = Allow somebody
allow-label = Address or domain to allow
allow-hint = They get through even if their domain or the words they use are blocked. In mail this holds where it is proven who really sent it.
look-first = See what this does
block-now = Block now
allow-now = Allow now
block-instead = Block everyone at { $value } instead
allow-instead = Allow everyone at { $value } instead
cancel = Don’t
confirm-suffix = Yes, I mean everyone there
state-title = In force now
state-entries = { $count ->
    [0] Nobody is on the list yet.
    [one] One entry is on the list.
   *[other] { $count } entries are on the list.
}
door-mail-open = Mail is being watched.
door-mail-unasked = No mail has come by since Postward started. If some reached you meanwhile, it was not watched.
chain-was-broken = When everything was last checked, something was wrong: not all of it may be watched. “Check the chain” and `postward doctor` say what it is and what to do.
chain-was-broken-member = When everything was last checked, something was wrong: not all of it may be watched. Whoever runs this server can see what it is: tell them.
door-mail-starting = Mail is not being watched yet: Postward is starting.
door-mail-waiting = Mail is NOT being watched: { $problem }
door-chat-open = Chat is being watched.
door-chat-in-part = Chat is being watched, but not at { $hosts }: mod_postward isn’t loaded there.
door-mail-absent = Mail is not set up here: entries count for chat only.
door-chat-absent = Chat is not set up here: entries count for mail only.
doors-absent = Neither mail nor chat is set up here: entries count nowhere yet.
door-chat-starting = Chat is not being watched yet: Postward is starting.
door-chat-waiting = Chat is NOT being watched: { $problem }

## Choices
choices = More choices
choose-channels = Where does it count?
channels-all = Mail and chat
channels-mail = Mail only
channels-xmpp = Chat only
choose-action = What happens to a blocked message?
action-drop = It disappears. The sender is not told.
action-refuse = It is refused. The sender learns that it didn’t arrive, not why.
action-refuse-short = Refused
choose-kind = What is it?
kind-auto = Find out from what I typed
kind-address = Address
kind-domain = Domain
kind-words = Words
kind-regex = Regular expression
kind-hash = Hidden address
choose-until = Last day (empty means for ever)
choose-note = Note
note-hint = For yourself. It is stored here and sent nowhere.

## What an entry does
preview-block-title = This will be blocked
preview-allow-title = This will be allowed
block-address = Every message from { $value } is stopped, however the address is written.
block-glob = Every address that fits { $value } is stopped: * stands for any characters, ? for one.
block-domain = Everyone at { $value } is stopped, and everyone at its subdomains.
block-words = Every message with “{ $value }” as whole words is stopped, whoever writes it: a friend’s, too.
block-regex = Every message whose text fits the expression is stopped, whoever writes it: a friend’s, too.
allow-address = Messages from { $value } get through.
allow-glob = Every address that fits { $value } gets through: * stands for any characters, ? for one.
allow-domain = Everyone at { $value } and at its subdomains gets through.
allow-words = Messages with “{ $value }” as whole words get through, whoever writes them.
allow-regex = Messages whose text fits the expression get through.
words-encrypted = Subject, text, names and file names are read. End-to-end encrypted messages can’t be.
channels-all-long = It counts for mail and for chat.
channels-mail-long = It counts for mail, not for chat.
channels-xmpp-long = It counts for chat, not for mail.
channels-all-without-chat = It counts for mail. Chat is not set up here.
channels-all-without-mail = It counts for chat. Mail is not set up here.
channels-all-without-both = Neither mail nor chat is set up here: at present it does nothing.
channels-mail-without-mail = It counts for mail only, which is not set up here: at present it does nothing.
channels-xmpp-without-chat = It counts for chat only, which is not set up here: at present it does nothing.
until-long = The last day is { $date }.
drop-notices = The sender notices nothing: to them it looks as if the message had arrived.
drop-gone = What is blocked is gone and can’t be got back. If you may need it as evidence of threats, don’t block it yet.
refuse-notices = The sender is told that the account can’t be reached, not that you blocked them.
allow-proof = In mail this counts only where the sender's server proves who sent the message (DKIM or SPF), as nearly all do: a forged friend must not get past a block.
preview-already-blocked = This is on your list already. Going on gives it the choices below.
preview-already-allowed = This is among the allowed already. Going on gives it the choices below.
preview-is-blocked = This is blocked at present. Where both apply, the allowed one wins.
client-stays = In chat it doesn’t count: your chat program blocks everyone there ({ $value }), and that comes first. Unblock the domain in your chat program, or remove { $value } from your list.
client-stays-itself = In chat it doesn’t count: your chat program blocks it, too, and that comes first. Unblock it in your chat program, or remove that block from your list.
client-stays-some = Your chat program blocks some of what is allowed here, which comes first in chat: { $values }. Unblock it in your chat program, or remove these blocks from your list.
client-unblocked = Your chat program blocked this, too: that is taken back.
preview-is-allowed = This is allowed at present. Where both apply, the allowed one wins, so remove it there first.
preview-allowed-there = { $count ->
    [one] One that you allow is there: { $names }. In chat, and in mail where it is proven who wrote it, that still gets through.
   *[other] { $count } that you allow are there: { $names }. In chat, and in mail where it is proven who wrote it, they still get through.
}
preview-allowed-there-more = { $count } that you allow are there: { $names } and more. In chat, and in mail where it is proven who wrote it, they still get through.
remark-shared-provider = Very many people have an address at { $domain }, and all of them would be affected.
remark-taken-address = Taken as the address { $value }.
remark-taken-domain = Taken as the domain { $value } and all its subdomains.
remark-taken-regex = Taken as the expression { $value }, without the slashes around it.
remark-not-an-address = Taken as words, as “{ $host }” is no known domain. For an address there, choose the kind address.
remark-holds-domain = Taken as words. For an entry for { $domain }, write the domain alone.
remark-tagged-only = This matches the address with this tag only. To match it with any tag or none, use { $untagged }.
remark-unknown-ending = No domain that is known ends like { $domain }. Check the spelling, or choose the kind words if you meant the text.
remark-short-words = “{ $words }” is very short: it may stand in messages that you want.
remark-broad = The expression fits ordinary sentences, such as “{ $example }”.
remark-whole-domain = If nobody else at { $domain } matters to you, you can take the whole domain.

## What is wrong with a field
error-empty = Write an address, a domain or words.
error-not-an-address = This is not an address: { $problem }.
error-not-a-domain = This is not a domain: { $problem }.
error-whole-suffix = { $suffix } doesn’t belong to one owner: everyone under it would be affected. If you mean that, tick the box.
error-words = These words can’t be used: { $problem }.
error-regex = This expression can’t be used: { $problem }.
error-not-yet = Hidden addresses can’t be added by hand: they come with subscribed lists.
error-until = Write the day as year-month-day, for example 2030-12-31.
error-until-past = That day is over. Choose today or a later one.
error-note = The note is too long: { $most } characters fit.
error-no-such-entry = That entry is no longer there. Perhaps it was removed meanwhile.
error-no-such-member = There is no member called { $name }.
error-refused = Nothing was changed: { $problem }.
error-store = Nothing was changed, because the list could not be stored or read: { $problem }.

## What was done
done-blocked = Blocked: { $value }. { $force }
done-allowed = Allowed: { $value }. { $force }
done-blocked-already = { $value } was blocked already.
done-allowed-already = { $value } was allowed already.
done-updated = Changed: { $value }. { $force }
done-removed = Removed: { $value }.
done-off = Switched off: { $value }. It stays on the list.
done-on = Switched on: { $value }. { $force }
# What $force is.
in-force = It is in force.
in-force-without-chat = It is in force for mail. Chat is not set up here.
in-force-without-mail = It is in force for chat. Mail is not set up here.
in-force-chat-unwatched = It is in force for mail. Chat is not being watched at present.
in-force-unwatched = It does nothing at present: chat is not being watched.
in-force-nowhere = It does nothing at present: what it counts for is not set up here.
in-force-off = It is switched off and does nothing.
undo-done = Undone.
undo-too-late = There is nothing to undo any more.

## The lists
list-title = List
lists = Lists
list-blocked = Blocked
list-allowed = Allowed
find-label = Find in values and notes
find = Find
find-all = Show all
list-count = { $count ->
    [one] One entry
   *[other] { $count } entries
}
list-found = { $count ->
    [one] One entry found
   *[other] { $count } entries found
}
list-none-found = Nothing on this list contains that.
list-none-blocked = Nobody is blocked yet. The front page has the box for it.
list-none-allowed = Nobody is specially allowed. Whoever isn’t blocked gets through anyway.
list-pages = Pages of the list
row-off = Switched off
row-expired = Over
row-until = Last day { $date }
row-created = Added { $date }
row-stopped = { $count ->
    [one] Stopped one message
   *[other] Stopped { $count } messages
}
row-let-through = { $count ->
    [one] Let one message through
   *[other] Let { $count } messages through
}
row-last-hit = Last one { $date }
source-import = Imported
source-forwarded = From a forwarded message
source-client = From a chat program
source-report = From a report
source-list = From a subscribed list
switch-off = Switch off
switch-on = Switch on
remove = Remove

## Try it
try-title = Try it
try-label = Address, text or message source
try-hint = See what would happen to it, and because of which entry. Nothing you paste here is kept.
try-file = Or a saved message (.eml), up to 10 MB
try-now = Try it
try-empty = Paste something, or choose a file.
try-result = Result
try-as-address = Taken as a sender’s address.
try-as-text = Taken as the text of a message from somebody who isn’t on the list.
try-as-message = Taken as the source of a mail.
try-household-alone = This asks the household’s list alone, not members’ own entries.
try-no-address-of-yours = Your own entries were not asked: no address of yours is known there.
try-mail = Mail:
try-chat = Chat:
try-deliver = gets through
try-drop = blocked
try-refuse = refused

## The account
account-title = Account
password-title = Change the password
password-current = Password until now
password-new = New password
password-new-hint = At least 12 characters. Several words that don’t belong together are easy to remember.
password-again = New password once more
password-change = Change the password
password-wrong = That is not the password until now.
password-too-short = Too short: at least { $fewest } characters.
password-differs = This differs from the new password above.
password-changed = The password is changed. Everywhere else you are signed out.

account-whose = You are signed in as { $name }.
root-reads = Other members and the admin’s page can’t see a member’s list. Whoever has root’s password on the server can read the file that holds it, and make a copy of it.
browsers-title = Signed in
browser-own = { $count ->
    [0] This browser, just now
    [one] This browser, since a minute ago
   *[other] This browser, since { $count } minutes ago
}
browser-other = { $count ->
    [0] Another browser, in use just now
    [one] Another browser, last used a minute ago
   *[other] Another browser, last used { $count } minutes ago
}
browsers-end = Sign out everywhere else
others-ended = Everywhere else you are signed out.
news-title = About your account
news-link = { $date }: a new sign-in link was made for you.
news-leaving = { $date }: the household’s admin has removed you.
news-staying = { $date }: the admin has taken that back.

## Coming by a link
welcome-title = Welcome
welcome-text = This link lets you choose a password for your own list. It works once.
welcome-button = Go on
welcome-used-title = This link doesn’t work any more
welcome-used = It was used already, or it is too old. Ask for a new one: the household’s admin can make it.
choose-title = Choose a password
choose-name = You sign in as { $name } from now on, with this password.
choose-button = Save the password
proof-label = Password until now, or recovery code
proof-hint = May stay empty. What you listed before then stays in force, but you see it only when you give one of them.
proof-wrong = That is neither the password until now nor the recovery code.
proof-button = Show my earlier entries
proof-given = Your earlier entries are shown again.
hidden-title = Earlier entries are hidden
hidden-text = What was listed before you came by a new link, or from your chat account, is hidden from you; it stays in force. Write page to Postward in your chat program and open the link that you get: it shows everything. Your password until then or your recovery code shows what was there before the new link.
recovery-title = Your recovery code
recovery-text = Write it down and keep it where nobody else looks. If you forget your password, a new link lets you in, and this code shows your list again. It is shown only now.
recovery-done = I have written it down

## A member's mail addresses
addresses-title = Your mail addresses
addresses-text = Your list counts for mail to these. An address becomes yours by a code that is mailed to it, so that nobody else can decide on your mail.
addresses-no-mail = Postward has no mail server here, so no code can be mailed: no mail address can become yours. The admin can name one.
addresses-waiting = One of your addresses waits for you: look there.
address-theirs = Your list counts for it.
address-waits-code = Your list doesn’t count for it yet: enter the code that was mailed there.
address-waits-owners = Your list doesn’t count for it yet: it is another member’s, who is asked whether to share it.
address-again = Mail another code
address-give-up = Not mine
address-give-up-title = Is this address not yours?
address-give-up-sure = Your list no longer counts for it then. If another member asks for it, it becomes theirs. To have it back takes a new code.
address-add-title = Another address
address-add = Mail the code
code-title = Enter a code
code-label = Code from the mail
code-hint = Three groups of four letters. It counts for three days.
code-button = Save
share-title = { $name } wants to share your address
share-text = The code that was mailed there was entered. If you agree, mail to this address is stopped by your lists only where both of you have listed the same. The household’s list counts as before.
share-yes = Share it
share-no = Don’t share it
done-code-sent = A code is mailed to { $address }. It may take a minute.
done-no-code = No code can be mailed to { $address }: Postward has no mail server here.
done-address = Your list counts for { $address } now.
done-address-asked = { $address } is another member’s, who is asked whether to share it.
done-address-given-up = { $address } is no longer yours.
done-address-shared = You share { $address } now.
done-address-refused = { $address } is not shared.

## Members
members-title = Members
members-text = Each member has a list of their own. You can’t see it; they see who added an entry for them. It counts for a mail address once they have entered a code that is mailed there. Whoever is removed is told, and goes 14 days after that.
member-waits-code = { $address } (its code wasn’t entered yet)
member-waits-owners = { $address } (its other owner hasn’t agreed yet)
member-link = New sign-in link
member-keep = Keep after all
member-leaves-untold = Will be removed 14 days after they were told; they couldn’t be reached yet.
member-leaves-on = Will be removed on { $date }.
link-title = Sign-in link for { $name }
link-text = { $count ->
    [one] Bring it to them yourself. It works once, for an hour. From the second link on, all of their addresses are told.
   *[other] Bring it to them yourself. It works once, for { $count } hours. From the second link on, all of their addresses are told.
}
member-add-title = Add a member
member-name = Name
member-mail = Mail address
member-jid = Chat address
member-login = Login name, if it is another
member-add = Add

## When something is wrong
failed-title = That didn’t work
failed-inside = Something failed inside Postward. Nothing was changed. Please try again.
missing-title = No such page
missing-text = There is nothing at this address.
refused-title = Refused
refused-host = Postward doesn’t know itself by this name. If it is the right one, add it to “names” in the “web” part of the configuration.
refused-elsewhere = This came from another site, so nothing was done.
refused-token = The form is too old or not from this page. Nothing was done: go back, load the page again, and try once more.
refused-token-kept = This form is from before you signed in again, so nothing was done. What you typed is here: look at it, and press the button once more.
refused-form = The form could not be read. Nothing was done.
refused-too-large = That is too large. Nothing was done.
refused-upload-large = That is too large: a file may have 10 MB. Nothing was done.
refused-too-slow = It took too long to arrive. Nothing was done: please try again.
