"""Exim as docs/mta/exim.md configures it. No daemon: mails are put into the queue, and the queue is run, by command."""

import pathlib
import re
import shutil
import subprocess

import packages

NAME = "Exim"
WAYS = {
    "submit": "exim/transports",
    "curl": "exim/curl",
    "curl --fail": "exim/curl-fail",
    "curl --fail, temp_errors": "exim/curl-fail-temp-errors",
}
USER = 64901

# What the page leaves to the reader: everything that has nothing to do with bounces.
FRAME = """
exim_path = {exim}
keep_environment =
primary_hostname = mx.example.org
spool_directory = {place}/spool
log_file_path = {place}/log/%slog
queue_only
tls_advertise_hosts =
{main}
begin routers
{routers}
elsewhere:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = elsewhere
begin transports
{transports}
elsewhere:
  driver = smtp
  port = {elsewhere}
begin retry
{retry}
"""


class Exim:
    """An Exim of its own."""

    def __init__(self, root, place, document, block, elsewhere):
        self.place = place
        self.document, self.block, self.elsewhere = document, block, elsewhere
        self.environment = packages.environment(root, place, {"Debian-exim": USER})
        for name in ["spool", "log"]:
            (place / name).mkdir()
            shutil.chown(place / name, USER, USER)
        self.exim = self.wrapper(root / "usr/sbin/exim4")
        self.configure("submit")

    def wrapper(self, program):
        """Exim starts itself anew with an environment of its own, in which it would not find its libraries."""
        path = self.place / "exim"
        lines = [f'export {name}="{value}"' for name, value in self.environment.items()]
        path.write_text("\n".join(["#!/bin/sh", *lines, f'exec {program} "$@"', ""]))
        path.chmod(0o755)
        return path

    def configure(self, way):
        """Hands bounces over in this way from now on."""
        self.config = self.place / f"{way.replace(' ', '_')}.conf"
        self.config.write_text(FRAME.format(
            exim=self.exim, place=self.place, elsewhere=self.elsewhere,
            main=self.block("exim/main"), routers=self.block("exim/routers"),
            transports=self.block(WAYS[way]), retry=self.block("exim/retry"),
        ))

    def run(self, *words, mail=b""):
        ran = subprocess.run([self.exim, "-C", self.config, *words], input=mail, capture_output=True, env=self.environment)
        if ran.returncode != 0:
            raise RuntimeError(f"exim {words}: {ran.returncode} {ran.stdout} {ran.stderr}")
        return ran.stdout.decode("utf-8", "replace")

    def verified(self):
        """What the verification step of the page prints for an address."""
        return self.run("-bt", "wiki-examplewiki-3-t0-ABC@wiki.example.org")

    def send(self, sender, recipient, mail):
        """Puts a mail into the queue and tries to deliver it once."""
        self.run("-oi", "-f", sender or "<>", recipient, mail=mail)
        self.flush()

    def flush(self):
        """Tries everything in the queue once, but what is frozen."""
        self.run("-qf")

    def settle(self, wanted):
        """Waits until something is so; there is nothing to wait for, since all commands wait themselves."""
        self.flush()
        return wanted()

    def queue(self):
        """What is in the queue: `queued` or `frozen` for each mail."""
        heads = re.findall(r"^ *\S+ +\S+ +\S+-\S+-\S+ <.*$", self.run("-bp"), re.M)
        return ["frozen" if "*** frozen ***" in head else "queued" for head in heads]

    def empty(self):
        for number in re.findall(r"^ *\S+ +\S+ +(\S+-\S+-\S+) <", self.run("-bp"), re.M):
            self.run("-Mrm", number)

    def log(self):
        path = self.place / "log/mainlog"
        return path.read_text() if path.exists() else ""

    def stop(self):
        pass
