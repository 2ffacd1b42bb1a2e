"""The servers that are measured, each in a temporary folder and with a loopback address of its own: Prosody, Postward."""
import os
import random
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "benches/mail"))
from house import Failure, Program  # noqa: E402, F401

CONFIG = """\
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
admin_socket = "{folder}/admin.sock"
certificates = "{folder}/certificates"
plugin_paths = {{ "{folder}/modules" }}
log = {{ {{ levels = {{ min = "warn" }}, to = "console" }} }}
interfaces = {{ "{address}" }}
local_interfaces = {{ "{address}" }}
component_interfaces = {{ "{address}" }}
http_ports = {{ }}
https_ports = {{ }}
c2s_direct_tls_ports = {{ }}
s2s_direct_tls_ports = {{ }}
unbound = {{ resolvconf = false, hoststxt = "{folder}/hosts" }}
use_ipv6 = false
limits = {{ }}
modules_enabled = {{ "roster"; "saslauth"; "dialback"; "disco"; "ping"; "carbons"; "pep"; "blocklist"; {module} }}
modules_disabled = {{ "tls"; "s2s_auth_certs"; "offline" }}
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
s2s_require_encryption = false
s2s_secure_auth = false
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
{lines}
VirtualHost "{domain}"
{component}
"""
COMPONENT = """\
Component "{name}"
component_secret = "secret"
component_conflict_resolve = "kick_old"
disco_hidden = true
modules_disabled = {{ "s2s" }}
"""
# mod_firewall's nearest: bare addresses by hash table, words by a pattern over the body.
FIREWALL_ADDRESSES = """\
%LIST addresses: file:{folder}/addresses
CHECK LIST: addresses contains $<@from|bare>
DROP.
"""
FIREWALL_WORDS = """\
%LIST words: file:{folder}/words
%PATTERN word: [A-Za-z]+
%SEARCH body: body#
SCAN: body for word in words
DROP.
"""


def free_address(taken):
    """A loopback address at which nobody listens on Prosody's ports."""
    while True:
        address = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"
        if address in taken:
            continue
        try:
            for port in (5222, 5269, 5347):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
            return address
        except OSError:
            continue


class Prosody(Program):
    def __init__(self, folder, domain, address, names, filter_by="", files=None):
        self.domain, self.address = domain, address
        self.folder = folder = os.path.join(folder, domain)
        for path in ("", "data", "certificates", "modules"):
            os.makedirs(os.path.join(folder, path))
        lines, component = "", ""
        if filter_by == "postward":
            shutil.copytree(os.path.join(ROOT, "xmpp-component/prosody/mod_postward"),
                            os.path.join(folder, "modules/mod_postward"))
            lines = f'postward_component = "postward.{domain}"'
            component = COMPONENT.format(name="postward." + domain)
        elif filter_by == "firewall":
            lines = f'firewall_scripts = {{ "{folder}/rules" }}'
        for name, text in (files or {}).items():
            with open(os.path.join(folder, name), "w") as file:
                file.write(text.replace("{folder}", folder))
        with open(os.path.join(folder, "hosts"), "w") as file:
            file.writelines(f"{of} {name}\n" for name, of in names.items())
        with open(os.path.join(folder, "prosody.cfg.lua"), "w") as file:
            file.write(CONFIG.format(folder=folder, address=address, domain=domain, lines=lines, component=component,
                                     module=f'"{filter_by}"' if filter_by else ""))
        command = ["prosody", "-F", "--config", os.path.join(folder, "prosody.cfg.lua")]
        if os.geteuid() == 0:  # Prosody doesn't run as root
            subprocess.run(["chown", "-R", "prosody:prosody", folder], check=True)
            command = ["setpriv", "--reuid=prosody", "--regid=prosody", "--clear-groups", *command]
        super().__init__(domain, command, folder)
        self.wait_ready(lambda: all(self.accepts(port) for port in ((5222, 5269, 5347) if component else (5222, 5269))))

    def accepts(self, port):
        try:
            socket.create_connection((self.address, port), 1).close()
            return True
        except OSError:
            return False


def lists(rng):
    """A thousand addresses and a thousand words, none of which occurs in what is sent."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    made = lambda length: "".join(rng.choice(letters) for _ in range(length))
    return [f"{made(8)}@{made(8)}.example" for _ in range(1000)], ["zq" + made(7) for _ in range(1000)]


def postward(program, server, folder, addresses, words):
    """Postward beside this server, with these lists, connected."""
    folder = os.path.join(folder, "postward-" + server.domain)
    data = os.path.join(folder, "data")
    os.makedirs(data, 0o700)
    secret, listed = os.path.join(folder, "secret"), os.path.join(folder, "list")
    for path, lines in ((secret, ["secret"]), (listed, addresses + ["words: " + word for word in words])):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.writelines(line + "\n" for line in lines)
    subprocess.run([program, "--data", data, "import", "--format", "lines", listed], check=True,
                   stdout=subprocess.DEVNULL)
    daemon = Program("postward " + server.domain, [
        program, "serve", "--data", data, "--milter", "inet:127.0.0.1:0", "--web", "127.0.0.1:0",
        "--xmpp", server.address + ":5347", "--xmpp-domain", "postward." + server.domain,
        "--xmpp-secret-file", secret], folder)
    daemon.wait_ready(lambda: "chat: connected" in daemon.output())
    return daemon
