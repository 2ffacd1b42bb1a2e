"""A chat client on slixmpp that blocks somebody by XEP-0191, looks at the list, and unblocks them.

Usage: blocks.py JID SERVER VALUE
Prints a line for each thing that it is shown, and goes on with a line of input.
"""

import asyncio
import sys

import slixmpp

jid, server, value = sys.argv[1:]


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, "password")
        self["feature_mechanisms"].unencrypted_plain = True
        self.register_plugin("xep_0191")
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("unblocked", self.told)

    async def start(self, _):
        self.send_presence()
        blocking = self["xep_0191"]
        await blocking.get_blocked()
        await blocking.block(value)
        await self.show()
        await self.go_on()
        await self.show()
        await asyncio.sleep(1.1)  # the server tells one block from the next by the second
        await blocking.block(value)
        await self.show()
        await self.go_on()
        await blocking.unblock(value)
        await self.show()
        self.disconnect()

    async def show(self):
        answer = await self["xep_0191"].get_blocked()
        print("list", *sorted(map(str, answer["blocklist"]["items"])), flush=True)

    async def go_on(self):
        await asyncio.get_event_loop().run_in_executor(None, sys.stdin.readline)

    def told(self, iq):
        print("told", *sorted(map(str, iq["unblock"]["items"])), flush=True)


client = Client()
client.connect((server, 5222), force_starttls=False, disable_starttls=True)
client.loop.run_until_complete(asyncio.wait_for(client.disconnected, timeout=60))
