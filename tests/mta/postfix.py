"""Postfix as docs/mta/postfix.md configures it, on a port of its own."""

import re
import shutil
import smtplib
import socket
import subprocess
import time

import packages

NAME = "Postfix"
WAYS = {"submit": "postfix/master.cf", "curl": "postfix/curl", "curl --fail": "postfix/curl-fail"}
USERS = {"postfix": 64902, "postdrop": 64903}

# What the page leaves to the reader: everything that has nothing to do with bounces.
FRAME = """
compatibility_level = 3.6
daemon_directory = {root}/usr/lib/postfix/sbin
command_directory = {root}/usr/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {root}/etc/postfix
sendmail_path = {root}/usr/sbin/sendmail
queue_directory = {place}/spool
data_directory = {place}/state
import_environment = MAIL_CONFIG MAIL_LOGTAG LANG=C PATH LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
maillog_file = {place}/maillog
maillog_file_prefixes = {place}
myhostname = mx.example.org
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
relayhost = [127.0.0.1]:{elsewhere}
{main}
"""


class Postfix:
    """A Postfix of its own."""

    def __init__(self, root, place, document, block, elsewhere):
        self.root, self.place = root, place
        self.document, self.block, self.elsewhere = document, block, elsewhere
        self.environment = packages.environment(root, place, USERS)
        self.environment["LD_LIBRARY_PATH"] += f":{root}/usr/lib/postfix"
        self.config = place / "config"
        for name in ["spool", "state", "config"]:
            (place / name).mkdir()
        shutil.chown(place / "state", USERS["postfix"])
        self.port = free_port()
        self.running = False
        self.configure("submit")

    def configure(self, way):
        """Hands bounces over in this way from now on."""
        (self.config / "main.cf").write_text(FRAME.format(
            root=self.root, place=self.place, elsewhere=self.elsewhere, main=self.block("postfix/main.cf"),
        ))
        master = []
        for line in (self.root / "usr/share/postfix/master.cf.dist").read_text().splitlines():
            words = line.split()
            if line.startswith(("#", " ", "\t")) or not words or words[7] == "pipe":
                continue
            if words[0] == "smtp" and words[1] == "inet":
                words[0] = f"127.0.0.1:{self.port}"
            words[4] = "n"
            master.append(" ".join(words))
        master.append(self.block(WAYS[way]))
        (self.config / "master.cf").write_text("\n".join(master))
        if self.running:
            self.command("postfix", "reload")
        else:
            self.command("postfix", "start")
            self.running = True

    def command(self, name, *words):
        command = [self.root / "usr/sbin" / name, "-c", self.config, *words]
        # Daemons keep the standard output of who started them.
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if name != "postfix" else subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=self.environment)
        if ran.returncode != 0:
            raise RuntimeError(f"{name} {words} ended with {ran.returncode}: {self.log()[-2000:]}")
        return ran.stdout and ran.stdout.decode("utf-8", "replace")

    def verified(self):
        """What the verification step of the page prints."""
        return self.command("postconf", "-M", "bounceapi/unix")

    def send(self, sender, recipient, mail):
        """Hands a mail over and waits until it was tried once."""
        before = len(re.findall("status=", self.log()))
        client = patiently(lambda: smtplib.SMTP("127.0.0.1", self.port, timeout=60))
        client.sendmail(sender, [recipient], mail)
        client.quit()
        self.wait(lambda: len(re.findall("status=", self.log())) > before)

    def flush(self):
        """Tries everything in the queue at once."""
        self.command("postqueue", "-f")

    def settle(self, wanted):
        """Tries the queue until something is so, or long enough."""
        self.flush()
        return self.wait(wanted, tries=100)

    def wait(self, wanted, tries=3000):
        for _ in range(tries):
            if wanted():
                return True
            time.sleep(0.02)
        return False

    def queue(self):
        """What is in the queue: `queued` for each mail."""
        return re.findall("queued", " ".join("queued" for line in self.command("postqueue", "-j").splitlines() if line))

    def empty(self):
        subprocess.run([self.root / "usr/sbin/postsuper", "-c", self.config, "-d", "ALL"], env=self.environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def log(self):
        path = self.place / "maillog"
        return path.read_text() if path.exists() else ""

    def stop(self):
        if self.running:
            self.command("postfix", "stop")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def patiently(attempt):
    for _ in range(500):
        try:
            return attempt()
        except OSError:
            time.sleep(0.02)
    return attempt()
