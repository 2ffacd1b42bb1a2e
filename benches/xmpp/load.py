"""The load: accounts, and a server elsewhere, on raw sockets, stanzas made beforehand, one loop. Far cheaper than the server
that is measured, so that its thread is always busy."""
import base64
import re
import select
import socket
import threading
import time

from servers import Failure

STREAM = ("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{}' version='1.0'>")
TEXT = "A line as somebody may write it to a friend, about the weather and when they will be home tonight."
BODY = re.compile(rb"<body>(\d+) ")
PATIENCE = 60


class Client:
    """One account's session."""

    def __init__(self, server, name):
        self.jid = f"{name}@{server.domain}"
        self.socket = socket.create_connection((server.address, 5222), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = STREAM.format(server.domain)
        self.ask(stream, b"</stream:features>")
        plain = base64.b64encode(f"\0{name}\0password".encode()).decode()
        self.ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", b"<success")
        self.ask(stream, b"</stream:features>")
        self.ask("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</iq>")
        self.ask("<presence/><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>", re.compile(rb"id='p'|id=\"p\""))
        self.kept = b""

    def ask(self, text, answer):
        self.socket.sendall(text.encode())
        got = b""
        while not (answer.search(got) if isinstance(answer, re.Pattern) else answer in got):
            more = self.socket.recv(65536)
            if not more:
                raise Failure(f"{self.jid} can't sign in: {got.decode(errors='replace')}")
            got += more

    def arrived(self):
        """The numbers of the messages that have come in."""
        more = self.socket.recv(262144)
        if not more:
            raise Failure(f"the server closed {self.jid}'s stream")
        whole, end, self.kept = (self.kept + more).rpartition(b"</message>")
        return [int(number) for number in BODY.findall(whole)] if end else []


SERVERS = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
           "xmlns:db='jabber:server:dialback' {} version='1.0'>")
DIALBACK = re.compile(rb"<db:(result|verify)([^>]*)>")
NAMES = re.compile(rb"\b(from|to|id)=['\"]([^'\"]*)")


class Elsewhere:
    """As much of another server as it takes to send messages from there: dialback (XEP-0220), and nothing that comes back."""

    def __init__(self, domain, address):
        self.domain = domain
        self.listener = socket.create_server((address, 5269))
        threading.Thread(target=self.vouch, daemon=True).start()

    def vouch(self):
        """Says of each stream that it is ours, to whoever asks."""
        while True:
            asker, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(asker,), daemon=True).start()

    def answer(self, asker):
        got, greeted = b"", False
        while more := asker.recv(65536):
            got += more
            if not greeted and b"<stream:stream" in got:
                greeted = True
                asker.sendall((SERVERS.format(f"from='{self.domain}' id='v'") + "<stream:features/>").encode())
            for name, asked in DIALBACK.findall(got):
                said = dict(NAMES.findall(asked))
                asker.sendall(b"<db:%s from='%s' to='%s' id='%s' type='valid'/>" %
                              (name, said[b"to"], said[b"from"], said.get(b"id", b"")))
            got = got.rpartition(b">")[2] if greeted else got

    def connect(self, server):
        """A stream over which that server takes messages from here."""
        stream = socket.create_connection((server.address, 5269), PATIENCE)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        names = f"from='{self.domain}' to='{server.domain}'"
        got = b""
        for said, answer in ((SERVERS.format(names), b"</stream:features>"),
                             (f"<db:result {names}>key</db:result>", b"valid")):
            stream.sendall(said.encode())
            while answer not in got:
                more = stream.recv(65536)
                if not more:
                    raise Failure(f"{server.domain} takes nothing from {self.domain}: {got.decode(errors='replace')}")
                got += more
            if b"invalid" in got:
                raise Failure(f"{server.domain} doesn't believe {self.domain}")
        return stream


class Remote:
    """An account elsewhere; all of them share one stream."""

    def __init__(self, name, domain, stream):
        self.jid, self.socket = f"{name}@{domain}/bench", stream


class Pair:
    """One account that writes, and one that reads and checks the order."""

    def __init__(self, sender, reader):
        self.sender, self.reader = sender, reader
        self.source = f" from='{sender.jid}'" if isinstance(sender, Remote) else ""
        self.made = []
        self.next = 0

    def message(self, number):
        while len(self.made) <= number:
            count = len(self.made)
            self.made.append((
                f"<message to='{self.reader.jid}'{self.source} type='chat' id='m{count}'><body>{count} {TEXT}</body>"
                "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
                f"<origin-id xmlns='urn:xmpp:sid:0' id='m{count}'/></message>").encode())
        return self.made[number]

    def take(self):
        numbers = self.reader.arrived()
        for number in numbers:
            if number != self.next:
                raise Failure(f"message {number} came where {self.next} was due: lost, twice or out of order")
            self.next += 1
        return numbers


def flood(pairs, messages, window):
    """Sends so many messages by each pair, `window` of a pair in flight; the seconds it took."""
    for pair in pairs:
        pair.next = 0
        pair.message(messages - 1)
    sent = dict.fromkeys(pairs, 0)
    by_socket = {pair.reader.socket: pair for pair in pairs}
    begin = time.monotonic()

    def fill(pair):
        room = min(messages, pair.next + window) - sent[pair]
        if room >= min(window // 4, messages - sent[pair]) and room > 0:
            pair.sender.socket.sendall(b"".join(pair.made[sent[pair]:sent[pair] + room]))
            sent[pair] += room

    for pair in pairs:
        fill(pair)
    while any(pair.next < messages for pair in pairs):
        ready, _, _ = select.select(list(by_socket), [], [], PATIENCE)
        if not ready:
            raise Failure("messages don't arrive: " + ", ".join(f"{pair.next} of {messages}" for pair in pairs))
        for one in ready:
            by_socket[one].take()
            fill(by_socket[one])
    return time.monotonic() - begin


def trickle(pair, messages, rate):
    """Sends at this rate a second; milliseconds that each message took."""
    pair.next = 0
    pair.message(messages - 1)
    begin, sent, took = time.monotonic() + 0.01, [], []
    while len(took) < messages:
        due = begin + len(sent) / rate
        wait = max(0.0, due - time.monotonic()) if len(sent) < messages else PATIENCE
        ready, _, _ = select.select([pair.reader.socket], [], [], wait)
        if ready:
            numbers, now = pair.take(), time.monotonic()
            took.extend((now - sent[number]) * 1000 for number in numbers)
        elif len(sent) < messages:
            sent.append(time.monotonic())
            pair.sender.socket.sendall(pair.made[len(sent) - 1])
        else:
            raise Failure("messages don't arrive")
    return took
