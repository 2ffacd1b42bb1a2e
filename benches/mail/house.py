"""The programs that are measured, each in a temporary folder and on loopback: a Postfix of our own, the milters."""
import grp
import importlib.machinery
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(ROOT, "target/release/postward")


class Failure(Exception):
    """Nothing can be measured; the text says why."""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until(what, ready, seconds=30):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def compiled(folder):
    """Compiles the C programs; installs what libmilter's needs if it isn't there."""
    if not os.path.exists("/usr/include/libmilter/mfapi.h"):
        subprocess.run([os.path.join(ROOT, "scripts/setup"), "libmilter-dev"], check=True)
    for name, libraries in (("nothing", ()), ("nothing_libmilter", ("-lmilter", "-lpthread")), ("send", ())):
        source = os.path.join(HERE, name + ".c")
        subprocess.run(["gcc", "-O2", "-Wall", "-o", os.path.join(folder, name), source, *libraries], check=True)


class Program:
    """A child process: its processor time and memory."""

    def __init__(self, name, command, folder, environment=()):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        environment = {**os.environ, **dict(environment)}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_ready(self, ready, seconds=60):
        def ended_or_ready():
            if self.process.poll() is not None:
                raise Failure(f"{self.name} has ended ({self.process.returncode}):\n{self.output()}")
            return ready()
        wait_until(f"{self.name} to be ready", ended_or_ready, seconds)

    def cpu(self):
        """Seconds, user and system, of all threads, those that have ended included."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field):
        """VmRSS or VmHWM, MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith(field))
        return int(line.split()[1]) / 1024

    def forget_peak(self):
        """VmHWM begins anew (proc(5), clear_refs)."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as clear:
            clear.write("5")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def unit_environment():
    """What systemd sets for the daemon."""
    loader = importlib.machinery.SourceFileLoader("measure", os.path.join(ROOT, "scripts/measure"))
    measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure", loader))
    loader.exec_module(measure)
    return measure.unit_environment()


def postward(name, program, data, address, folder):
    command = [program, "serve", "--data", data, "--milter", address, "--web", "127.0.0.1:0"]
    daemon = Program(name, command, folder, unit_environment())
    daemon.wait_ready(lambda: "postward: ready:" in daemon.output())
    return daemon


def listed(folder, addresses, phrases):
    """Two data folders: with addresses and domains alone, and with phrases, too."""
    without, with_words = os.path.join(folder, "without-words"), os.path.join(folder, "with-words")
    for data, lines in ((without, addresses), (with_words, phrases)):
        if data == with_words:
            shutil.copytree(without, with_words)
        path = data + ".list"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        command = [PROGRAM, "--data", data, "import", "--format", "lines", path]
        if data == without:
            os.mkdir(data, 0o700)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return without, with_words


MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.org
virtual_transport = discard:
milter_default_action = tempfail
disable_dns_lookups = yes
smtpd_peername_lookup = no
default_process_limit = 300
message_size_limit = 16000000
# Without it Postfix holds up what comes in faster than it goes out.
in_flow_delay = 0
"""

MASTER_CF = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Program):
    """One Postfix with a port for each milter, so that all else is the same. Delivery throws everything away."""

    def __init__(self, folder, milters):
        """`milters`: {name: what smtpd_milters is to be}."""
        if os.geteuid() != 0:
            raise Failure("Postfix's master must be root: run this as root")
        postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        self.queue = os.path.join(folder, "queue")
        os.mkdir(os.path.join(folder, "etc"))
        for path, owner, group, mode in [
            ("data", postfix, 0, 0o700), ("queue", 0, 0, 0o755), ("queue/pid", 0, 0, 0o755),
            ("queue/maildrop", postfix, postdrop, 0o1730), ("queue/public", postfix, postdrop, 0o2710),
            *((f"queue/{name}", postfix, 0, 0o700) for name in (
                "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
                "trace")),
        ]:
            path = os.path.join(folder, path)
            os.mkdir(path)
            os.chown(path, owner, group)
            os.chmod(path, mode)
        self.ports = {name: free_port() for name in milters}
        services = [f"127.0.0.1:{self.ports[name]} inet n - n - - smtpd -o {{smtpd_milters={milter}}}\n"
                    for name, milter in milters.items()]
        for name, text in (("main.cf", MAIN_CF.format(folder=folder)), ("master.cf", "".join(services) + MASTER_CF)):
            with open(os.path.join(folder, "etc", name), "w") as file:
                file.write(text)
        config = os.path.join(folder, "etc")
        super().__init__("Postfix", ["/usr/lib/postfix/sbin/master", "-c", config, "-s"], folder)
        self.wait_ready(lambda: all(self.greets(port) for port in self.ports.values()))

    @staticmethod
    def greets(port):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as smtp:
                return smtp.recv(100).startswith(b"220")
        except OSError:
            return False

    def drain(self):
        """Waits until everything has been delivered: its processor time belongs to the round that it came with."""
        def left():
            folders = (os.path.join(self.queue, name) for name in ("incoming", "active"))
            return sum(len(files) for folder in folders for _, _, files in os.walk(folder))
        wait_until("an empty queue", lambda: left() == 0, 120)
