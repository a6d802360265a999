"""What every mail server has to show."""

import pathlib

import front as api

FAILURE = "answers `\"submitted\":\"failure\"`"
ROWS = [api.WORKS, api.REFUSES, *api.ANSWERS, api.CUTS, api.WAITS, FAILURE]
BOUNCE = pathlib.Path(__file__).resolve().parents[2] / "fixtures/mails/exim-unknown-user.eml"

# Seconds that a command may take here; the pages say more.
LIMIT = 1


class Trial:
    """A mail server under its page."""

    def __init__(self, module, checks, wiki, front, document, program):
        self.name, self.ways = module.NAME, module.WAYS
        self.checks, self.wiki, self.front = checks, wiki, front
        self.document, self.program = document, program

    def block(self, name):
        """A block of the page, made fit for here."""
        return self.document.block(name, self.program, self.front.url, LIMIT)

    def run(self, server):
        self.server = server
        self.verify()
        self.go_the_whole_way()
        self.be_set_up_wrongly()
        table = self.document.table()
        self.checks.check(f"{self.name}: the page's table has the rows", list(table), ROWS)
        self.checks.check(f"{self.name}: the page's table has the ways", list(table[api.WORKS]), list(self.ways))
        for way in self.ways:
            server.configure(way)
            for row in ROWS:
                self.checks.check(f"{self.name}, {way}, the API {row}", self.measure(row), table[row][way])
        self.checks.check(f"{self.name}: jobs that wait for all that was taken", self.wiki.waiting(), self.front.taken - self.recorded)

    def be_honest(self, way, wiki):
        """The API says by the HTTP status what it did not take (`BounceHandlerHttpErrors`)."""
        self.wiki, self.front.real_port = wiki, wiki.port
        self.server.configure(way)
        for row, wanted in [(api.WORKS, "taken"), (api.LETS_NOBODY_IN, "retried"), (FAILURE, "kept: ['queued']")]:
            self.checks.check(f"{self.name}, {way}, the API is honest and {row}", self.measure(row), wanted)

    def verify(self):
        seen = self.server.verified()
        self.checks.true(f"{self.name}: the verification step shows the way to the API", "bounce" in seen, seen)

    def bounce(self, address):
        return BOUNCE.read_bytes().replace(b"\r\n", b"\n").replace(b"@VERP@", address.encode())

    def go_the_whole_way(self):
        """A mail to an unknown user comes back, reaches the API, is run and recorded."""
        address = self.wiki.address()
        mail = f"From: ExampleWiki <wiki@wiki.example.org>\nTo: nouser@example.net\nSubject: Caf\u00e9\n\nChanged.\n".encode()
        self.front.set(api.REFUSES)
        self.server.send(address, "nouser@example.net", mail)
        self.server.settle(lambda: "4.4.1 " in self.server.log())
        log = self.server.log()
        for line in self.document.blocks["log"].splitlines():
            line = line.replace("http://wiki.example.org/w/api.php", self.front.url)
            self.checks.true(f"{self.name}: the log says what the page says", line in log, f"no {line!r} in {log[-1500:]}")
        self.front.set(api.WORKS)
        self.server.settle(lambda: self.front.taken == 1 and not self.server.queue())
        self.checks.check(f"{self.name}: a mail to an unknown user comes back and reaches the API", (self.front.taken, self.server.queue()), (1, []))
        self.wiki.ask("runjobs")
        records = [record["email"] for record in self.wiki.records()]
        self.checks.check(f"{self.name}: the bounce is run and recorded", records, ["bob@example.com"])
        self.recorded = len(records)

    def be_set_up_wrongly(self):
        """A command that is missing or misspelt, or ends by a signal, loses nothing."""
        program = self.program
        script = self.server.place / "wrong"
        wrong = {
            "the program is not there": program.with_name("nowhere"),
            "the command line is wrong": script,
            "the program is killed": script,
        }
        lines = {
            "the command line is wrong": f'exec {program} "$@" --no-such-flag\n',
            "the program is killed": "kill -KILL $$\n",
        }
        for what, self.program in wrong.items():
            script.write_text("#!/bin/sh\n" + lines.get(what, ""))
            script.chmod(0o755)
            self.server.configure("submit")
            self.front.set(api.WORKS)
            taken = self.front.taken
            self.server.send("", *self.to_the_wiki())
            kept = self.server.queue()
            self.program = program
            self.server.configure("submit")
            self.server.settle(lambda: self.front.taken > taken and not self.server.queue())
            outcome = (kept, self.front.taken - taken, self.server.queue())
            self.checks.check(f"{self.name}: {what}; kept, then taken once", outcome, (["queued"], 1, []))
            self.server.empty()

    def to_the_wiki(self):
        address = self.wiki.address()
        return address, self.bounce(address)

    def measure(self, row):
        """What becomes of one bounce while the API does this, and after it works again."""
        address, bounce = self.to_the_wiki()
        if row == FAILURE:
            bounce = bounce.replace(b"To: wiki-", b"To: other-")
        self.front.set(api.WORKS if row == FAILURE else row)
        taken = self.front.taken
        self.server.send("", address, bounce)
        if row not in (api.REFUSES,) and self.front.met == 0:
            return f"the API was not asked; the log ends in {self.server.log()[-500:]}"
        state = self.server.queue()
        self.front.set(api.WORKS)
        self.server.settle(lambda: self.front.taken > taken or not self.server.queue() or "frozen" in self.server.queue())
        self.server.settle(lambda: not self.server.queue() or "frozen" in self.server.queue())
        outcome = outcome_of(state, self.server.queue(), self.front.taken - taken, row)
        self.server.empty()
        return outcome


def outcome_of(state, after, taken, row):
    if taken:
        if after or taken > 1:
            return f"taken {taken} times, and still there: {after}"
        return "retried" if state == ["queued"] else "taken"
    if after:
        return "frozen" if after == ["frozen"] else f"kept: {after}"
    return "done" if row == FAILURE else "**lost**"
