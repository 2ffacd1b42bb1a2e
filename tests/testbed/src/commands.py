"""A chat client on slixmpp that does what a person does in its menu of commands: finds the component's commands, blocks
somebody, and looks at the list.

Usage: commands.py JID SERVER COMPONENT VALUE
Prints a line for each thing that it is shown.
"""

import asyncio
import sys

import slixmpp

jid, server, component, value = sys.argv[1:]


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, "password")
        self["feature_mechanisms"].unencrypted_plain = True
        for plugin in ("xep_0004", "xep_0030", "xep_0050"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.start)

    async def start(self, _):
        self.send_presence()
        items = await self["xep_0050"].get_commands(component)
        print("commands", *sorted(item[1] for item in items["disco_items"]["items"]), flush=True)
        self["xep_0050"].start_command(component, "block", {"next": self.fill_in, "error": self.failed})

    def fill_in(self, iq, session):
        form = iq["command"]["form"]
        print("form", *(field["var"] for field in form["fields"]), flush=True)
        form["type"] = "submit"
        form["values"] = {"value": value, "kind": "auto", "channels": "all", "action": "drop"}
        session["payload"] = form
        session["next"] = self.look
        self["xep_0050"].continue_command(session)

    def look(self, iq, session):
        # With its form comes fixed text, which has no name; nothing needs to be filled in.
        print("offers", *sorted(iq["command"]["actions"]), flush=True)
        form = self["xep_0004"].make_form(ftype="submit")
        session["payload"] = form
        session["next"] = self.blocked
        self["xep_0050"].complete_command(session)

    def blocked(self, iq, session):
        for _, text in iq["command"]["notes"]:
            print("note", text.splitlines()[0], flush=True)
        self["xep_0050"].start_command(component, "list", {"next": self.listed, "error": self.failed})

    def listed(self, iq, session):
        for item in iq["command"]["form"]["items"]:
            print("listed", item["effect"], item["value"], flush=True)
        self.disconnect()

    def failed(self, iq, session):
        print("failed", iq["error"]["condition"], flush=True)
        self.disconnect()


client = Client()
client.connect((server, 5222), force_starttls=False, disable_starttls=True)
client.loop.run_until_complete(asyncio.wait_for(client.disconnected, timeout=60))
