"""What was checked, and how it went."""


class Checks:
    """Counts, and prints a line for each check."""

    def __init__(self):
        self.good = self.bad = 0

    def check(self, what, seen, wanted):
        """Checks that what was seen is what was wanted."""
        if seen == wanted:
            self.good += 1
            print(f"ok      {what}: {seen}", flush=True)
        else:
            self.failed(f"{what}: {seen}, not {wanted}")

    def true(self, what, holds, otherwise):
        """Checks that something holds; `otherwise` is shown if it does not."""
        if holds:
            self.good += 1
            print(f"ok      {what}", flush=True)
        else:
            self.failed(f"{what}: {otherwise}")

    def failed(self, what):
        self.bad += 1
        print(f"FAILED  {what}", flush=True)

    def end(self):
        """Prints the sum; returns the exit code."""
        print(f"{self.good} passed, {self.bad} failed")
        return 1 if self.bad else 0
