# Import and export.

list-import = Import and export
list-files = Files
import-title = Import a list
import-label = One entry a line
import-hint = An address, a domain or words on each line, a note behind two blanks and a #. “allow address: friend@example.org” allows. What Postward exported can be read again. Nothing is changed before you have seen what it would do.
import-file = Or a file, up to 10 MB
import-format = How is it written?
import-guess = Find out
format-lines = Plain text
import-look = See what this would do
import-empty = Paste something, or choose a file.
import-busy = An import of yours is at work. Wait until it is done.
import-others = Others are importing at this moment. Try again in a few minutes.
import-no-room = Others needed the room before you went on. Please send it again.
import-working = It is being worked on
import-leave = You can leave this page: the work goes on.
import-again = Look again
import-see = See the result
import-reading = { $count ->
    [0] Reading…
   *[other] { $count } lines read
}
import-importing = { $count } of { $all } lines imported
import-preview = This is what it would do
import-new = { $count ->
    [0] Nothing new.
    [one] One new entry:
   *[other] { $count } new entries:
}
import-addresses = { $count ->
    [one] one address
   *[other] { $count } addresses
}
import-domains = { $count ->
    [one] one domain
   *[other] { $count } domains
}
import-words = { $count ->
    [one] one word or phrase
   *[other] { $count } words or phrases
}
import-regexes = { $count ->
    [one] one regular expression
   *[other] { $count } regular expressions
}
import-there = { $count ->
    [0] None is there already.
    [one] One is there already; what the file says nothing of stays as it is.
   *[other] { $count } are there already; what the file says nothing of stays as it is.
}
import-refused = { $count ->
    [0] Every line was understood.
    [one] One line was not understood and is left out.
   *[other] { $count } lines were not understood and are left out.
}
import-examples = The first new ones are understood as:
import-which = Which lines, and why
import-more = And more of them.
import-now = Import now
import-done = Imported. It is in force.
import-undo = { $count ->
    [one] One entry was added or changed by an import. It can be taken back.
   *[other] { $count } entries were added or changed by an import. All of it can be taken back.
}
import-added = { $count ->
    [0] Nothing is new.
    [one] One entry is new.
   *[other] { $count } entries are new.
}
import-were-there = { $count ->
    [0] None was there already.
    [one] One was there already.
   *[other] { $count } were there already.
}
import-changed = { $count ->
    [one] One of them has new settings now.
   *[other] { $count } of them have new settings now.
}
import-resting = { $count ->
    [one] One of them is switched off or has ended, and stays so.
   *[other] { $count } of them are switched off or have ended, and stay so.
}
export-title = Export your list
export-what = The file holds your entries with your notes, in clear: whoever has it knows whom you block. Keep it where nobody else looks.
