# What is answered to members who forward a message to block@ or allow@, in English. Readers may be tired and frightened: short
# sentences, plain words, no blame. Each is a paragraph of a short mail. The word undo and numbers, which they write, are the
# same in every language. $verb is block or allow.

## Subjects, in ASCII: they stand in a header field

forwarding-blocked = Blocked
forwarding-allowed = Allowed
forwarding-taken-back = Taken back
forwarding-which = Which address?
forwarding-nothing = Nothing has changed

## What was done

forwarding-now = { $verb ->
    [block] { $address } is blocked for you from now on.
   *[allow] { $address } is allowed for you from now on.
}
forwarding-already = { $verb ->
    [block] { $address } was blocked for you already. Nothing has changed.
   *[allow] { $address } was allowed for you already. Nothing has changed.
}
forwarding-no-longer = { $verb ->
    [block] { $value } is no longer blocked for you.
   *[allow] { $value } is no longer allowed for you.
}
forwarding-other = { $verb ->
    [block] It is on your list as allowed, too, and that counts more: remove it on the page.
   *[allow] It is on your list as blocked, too; where a message is proven to be from this address, allowing counts more.
}
forwarding-undo = Reply with the word undo to take it back.

## What is asked

forwarding-choose = { $verb ->
    [block] The message doesn’t say for certain who it is from. Nothing has changed yet. To block one of these addresses, reply with its number:
   *[allow] The message doesn’t say for certain who it is from. Nothing has changed yet. To allow one of these addresses, reply with its number:
}
forwarding-replied = { $verb ->
    [block] This is an answer to a message, not a forwarded one, and whoever wrote that message may have led your answer here. Nothing has changed. To block one of these addresses all the same, reply with its number:
   *[allow] This is an answer to a message, not a forwarded one, and whoever wrote that message may have led your answer here. Nothing has changed. To allow one of these addresses all the same, reply with its number:
}
forwarding-plain = { $verb ->
    [block] This came as plain text, which a link in somebody’s message can make, too. Nothing has changed yet. To block the address, reply with the number 1:
   *[allow] This came as plain text, which a link in somebody’s message can make, too. Nothing has changed yet. To allow the address, reply with the number 1:
}
forwarding-not-among = If it isn’t among them, forward the message as an attachment.
forwarding-only-undo = Reply with nothing but the word undo in the first line to take it back.
forwarding-only-number = { $verb ->
    [block] Reply with nothing but a number in the first line to block that address, and once more for another.
   *[allow] Reply with nothing but a number in the first line to allow that address, and once more for another.
}

## What was not done

forwarding-gone = It isn’t on your list any more.
forwarding-too-old = The question is too old by now. Forward the message once more.
forwarding-no-number = There is no number { $number }. Reply with one from 1 to { $most }.
forwarding-household = { $verb ->
    [block] The message is from your own household, and forwarding doesn’t block anybody there. The page does.
   *[allow] The message is from your own household, and forwarding doesn’t allow anybody there. The page does.
}
forwarding-nobody = { $verb ->
    [block] There is no address in what you forwarded. Forward the message as an attachment, or block the address on the page.
   *[allow] There is no address in what you forwarded. Forward the message as an attachment, or allow the address on the page.
}

## What Postfix tells a mail program that may not hand a message in, in ASCII (RFC 5321 section 4.2)

forwarding-alone = Write to this address alone, without other recipients
forwarding-too-large = The message is too large to be forwarded to this address
