"""The program under test as the wiki's API: a server, its queue and its records."""

import json
import os
import re
import subprocess
import time


class Wiki:
    """A server with a data directory of its own."""

    def __init__(self, program, place, settings=()):
        place.mkdir(exist_ok=True)
        self.program = program
        self.config = place / "wiki.json"
        self.data = place / "data"
        self.config.write_text(json.dumps({
            "Server": "https://wiki.example.org",
            "VERPsecret": "not the secret that everybody knows",
            "BounceRecordLimit": 1_000_000,
            **dict(settings),
        }))
        self.out = (place / "serve.out").open("w+")
        self.log = place / "serve.log"
        self.process = subprocess.Popen(
            self.command("serve", "--listen", "127.0.0.1:0"),
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.log.open("w"), env=plain(),
        )
        self.port = self.wait_for_port()

    def command(self, *words):
        return [self.program, *words, "--config", self.config, "--data-dir", self.data]

    def wait_for_port(self):
        for _ in range(3000):
            self.out.seek(0)
            found = re.search(r"listens on http://127\.0\.0\.1:(\d+)\n", self.out.read())
            if found:
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def ask(self, *words):
        """What a command prints."""
        ran = subprocess.run(self.command(*words), capture_output=True, text=True, env=plain(), check=True)
        return ran.stdout

    def address(self):
        """A return path for mail to user 3."""
        return self.ask("verp", "encode", "--user", "3").strip()

    def records(self):
        return [json.loads(line) for line in self.ask("records", "--json").splitlines()]

    def waiting(self):
        return int(self.ask("showjobs"))

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def plain():
    """The environment without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BOUNCEHANDLERD_")}
