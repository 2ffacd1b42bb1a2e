# Checking the chain, in English.
tab-chain = Check
chain-title = Check the chain
chain-hint = This looks at everything between a sender and your lists, and sends test messages through mail and chat. Nobody gets them. It can take half a minute.
chain-check = Check the chain
chain-all-good = All is well. Mail and chat are being watched.
chain-all-worth-knowing = The chain holds. Something is worth knowing.
chain-all-bad = The chain does NOT hold. See below what to do.
chain-good = Good
chain-worth-knowing = Worth knowing
chain-bad = Not good
chain-to-do = What to do:
chain-as-root = What only root can see
chain-as-root-on = When “postward doctor” last ran as root on the server, on { $date }:
chain-no-root = “postward doctor”, run as root on the server, also reads the settings of the mail and chat servers. It has not been run yet.
chain-for-the-admin = Only the admin can check the chain.
