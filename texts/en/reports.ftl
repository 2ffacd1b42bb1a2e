# Reports of spam and abuse, in English.

## A member's choice
reporting-title = Your reports
reporting-text = Some chat programs can report spam or abuse when you block somebody. The block is yours alone and works in any case. The report goes nowhere unless you choose otherwise here.
reporting-choose = What shall the household’s admin learn?
reporting-nothing = Nothing, not even that there was a report
reporting-address = The address that you report, and whether it is for spam or abuse
reporting-words = That, and what you write with the report
reporting-never = The admin isn’t told that it was you, but may guess it. Nothing is told of a report about somebody with an account on your own chat server, about a member, or about the admin.
reporting-less = If you choose more than before, all of your addresses are told. If you choose less, what the admin hasn’t decided about is taken back.
reporting-save = Save
done-reporting = Saved.

## What the admin sees
reports-title = Reports
reports-text = Members have reported these in their chat programs and let you know of it. For themselves they have blocked them already. Which member it was isn’t told.
reports-none = There are none.
report-spam = Spam
report-abuse = Abuse
report-other = Another reason
report-members = { $count ->
    [one] Reported by one member
   *[other] Reported by { $count } members
}
report-last = Last one { $date }
report-block = Block for everyone
report-dismiss = Dismiss
done-dismissed = Dismissed: { $value }.
