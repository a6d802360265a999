"""What docs/mta says: blocks of configuration, and tables of losses."""

import re

PROGRAM = "/usr/local/bin/bouncehandlerd"
URL = "http://wiki.example.org/w/api.php"


class Document:
    """A page."""

    def __init__(self, path):
        self.path = path
        self.text = path.read_text()
        self.blocks = dict(re.findall(r"^```conf (\S+)\n(.*?)^```$", self.text, re.M | re.S))

    def block(self, name, program, url, limit):
        """A block with this machine's program and API in the place of the examples, and a shorter time limit."""
        text = self.blocks[name]
        if URL not in text and PROGRAM in text:
            raise ValueError(f"{self.path}: the block {name} names another API than {URL}")
        text = text.replace(URL, url)
        text = text.replace("--max-time 30", f"--max-time {limit}")
        return text.replace(f"{PROGRAM} submit", f"{program} submit --time-limit {limit}")

    def table(self):
        """The loss table: what the API does, and for each way of handing over what becomes of the bounce."""
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in self.text.splitlines()
            if line.startswith("| ") and not line.startswith("| ---")
        ]
        begin = next(number for number, row in enumerate(rows) if row[0] == "the API")
        ways = [cell.strip("`* ") for cell in rows[begin][1:]]
        return {row[0]: dict(zip(ways, row[1:], strict=True)) for row in rows[begin + 1 :] if len(row) == len(rows[begin])}
