# What members are told by mail and chat, in English: a subject, and paragraphs with an empty line between them. Nothing in it
# opens anything, names a correspondent, or says what is on a list.

notice-address-code =
    { $name } has a list in this household's Postward, and { $address } shall belong to it.

    If you are { $name }, enter this code on your Postward page, under Account: { $code }

    It counts for three days. If you are somebody else, give it to nobody: whoever enters it decides which mail to this address is stopped.
    .subject = Is this your mail address?
notice-address-added =
    The code of { $address } was entered: it belongs to your list in Postward now.

    If that is an address of yours, all is well. If it isn't, whoever has it can find out what you list by writing to it: give it up on your Postward page, under Account, and choose another password.
    .subject = Another mail address belongs to your list
notice-wants-to-share =
    Another member of the household says that { $address } is theirs, too, and has entered its code.

    Your Postward page, under Account, says who, and asks you. If you agree, a list decides on mail to this address only where all whose address it is have the same on theirs. As long as you don't, nothing changes.
    .subject = Somebody wants to share your mail address
# $asker is admin, or member: somebody who writes from the member's own account.
notice-link-made =
    { $asker ->
        [admin] The household's admin has
       *[member] Somebody who writes from your own chat account has
    } made a new link to your Postward page on { $date }.

    If you asked for it, all is well.

    If you didn't, somebody may want to see your list. Whoever uses the link gets a new password{ $asker ->
        [admin] , but doesn't see what you listed before: that takes your password until now, your recovery code, or the link that you get by writing `page` to Postward in your chat program
       *[member] {" "}and sees your list: change your chat account's password, and then open a link of your own, which ends all other sessions
    }. Your entries stay in force. If your password is no longer accepted, the link was used.
    .subject = A new sign-in link was made for you
notice-page-was-open =
    You change your list from your chat account. The list has a page, too, which somebody opened by a link that the household's admin made.

    What you list from your chat account isn't shown on that page until you write `page` to Postward in your chat program and open the link that you get.

    If it wasn't you who opened the page, do the same: whoever it was is signed out then. Your entries are in force in any case.
    .subject = Somebody had opened your Postward page before
notice-reports-shared =
    On { $date } it was chosen on your Postward page that the household's admin learns of the reports of spam and abuse that you make in your chat program.

    If that was you, all is well. If it wasn't, somebody else has used your page: choose otherwise there, under Account, and change your password.
    .subject = The admin learns of your reports from now on
notice-leaving =
    The household's admin has removed you from Postward. It takes effect { $days } days after this message was sent: your list stays in force until then and is deleted after that.

    You can save your list before, on your Postward page. If you think that this is a mistake, ask the admin, who can take it back.
    .subject = Your Postward account will be removed
notice-staying = The household's admin has taken it back: your account and your list stay.
    .subject = Your Postward account stays
