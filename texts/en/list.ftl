# The lists, persons, counts.

## Filters and orders
filter = Filter and sort
filter-kind = Only this kind
filter-source = Only what came this way
filter-all = All
filter-show = Show
order = Order
order-newest = Newest first
order-oldest = Oldest first
order-value = By value, addresses by their domain
order-hit = What stopped something last first
source-manual = Added by hand

## Rows and pages
list-persons = Persons
list-found-here = { $count ->
    [0] Nothing among the entries looked at so far
    [one] One found among the entries looked at
   *[other] { $count } found among the entries looked at
}
list-none-found-yet = Nothing so far. The list is long: search on to look at the rest.
list-first = From the start
list-more = More
list-search-on = Search on
row-household = The whole household’s: its admin can change it
row-by-admin = Added for you by the household’s admin
row-unproven = Added while earlier entries were hidden, without proof that it was you
edit = Edit
choose = Choose
choose-all = Choose all on this page
chosen = With the chosen ones
chosen-none = Nothing was chosen: tick the boxes beside entries first.
done-removed-several = { $count } entries are removed.
done-off-several = { $count } entries are switched off. They stay on the list.
done-on-several = { $count } entries are switched on. They are in force.
back-to-list = Back to the list

## Editing
edit-title = Edit an entry
edit-block-preview = This will be blocked instead
edit-allow-preview = This will be allowed instead
edit-save = Save
edit-look = Go on
edit-off = Switched off: it stays on the list and does nothing
error-changed-meanwhile = Somebody else changed this entry meanwhile.
error-changed-now = Somebody else changed this entry meanwhile. Theirs is: { $theirs }. What you typed is still here; saving once more puts it in place of theirs.
changed-note = note “{ $note }”
error-removed-now = Somebody else removed this entry meanwhile. What you typed is still here; going on puts it on the list anew.
error-not-yours = this entry belongs to the whole household, and only its admin can change it

## Persons
choose-person = Whose address is it?
person-choose-hint = A name for somebody with several addresses: they can be blocked together.
person-new = Somebody with several addresses
person-edit = Edit a person
person-hint = Give them one name, and block all their addresses together: those of mail and those of chat.
person-name = Name
person-identities = Addresses and chat names, one a line
person-save = Save the person
person-save-block = Save and block all of them
person-none = No persons yet.
person-empty = No address
person-free = Not blocked
person-blocked = All addresses are blocked
person-partly = { $blocked } of { $all } addresses are blocked
person-block = Block
person-unblock = Unblock
person-forget = Forget
preview-person = This is { $name }’s, whose other addresses are blocked already.
preview-person-others = This is { $name }’s, who also has: { $others }.
preview-person-others-more = This is { $name }’s, who also has: { $others } and more.
block-others = Block all of { $name }’s addresses
done-person = Saved: { $name }.
done-person-blocked = All of { $name }’s addresses are blocked. It is in force.
done-person-unblocked = None of { $name }’s addresses is blocked any more.
done-person-removed = { $name } is forgotten. The entries stay on the list.
error-person-name = A name has 1 to { $most } characters.
error-person-address = A person has addresses, each without * or ?.
error-person-no-address = Write at least one address.
error-person-many = A person can have { $most } addresses.
error-person-changed-now = Somebody else changed this person meanwhile. Theirs is: { $theirs }. What you typed is still here; saving once more puts it in place of theirs.
error-person-other = this address belongs to { $name }
error-no-such-person = that person is no longer there
error-in-line = Line { $line }: { $problem }

## Counts
counts-title = Counts and days
counts-what = Postward counts how often each of your entries decided, and keeps the day on which it last did. That a blocked address has such a day shows that somebody wrote to you. Nobody else sees it, and it is never exported.
counts-on = It is counted at present.
counts-off = Nothing is counted at present.
counts-stop = Don’t count any more
counts-start = Count again
counts-wipe = Wipe what was counted
counts-wipe-sure = All counts and days of your entries go, and can’t be got back. The entries stay.
counts-wipe-now = Wipe it
done-counting = It is counted from now on.
done-not-counting = Nothing is counted any more. What was counted is still there; you can wipe it.
done-wiped = What was counted is wiped.
