"""Counts facts."""


class Tally:
    """Counts what held and prints what did not."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def holds(self, fact, what, detail=""):
        if fact:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what} {detail}")

    def equal(self, ours, theirs, what):
        self.holds(ours == theirs, what, f"\n  ours:   {ours!r}\n  theirs: {theirs!r}")

    def refused(self, act, what):
        """`act` must raise."""
        try:
            result = act()
        except Exception:  # the SDK raises several kinds, some of them plain
            self.passed += 1
        else:
            self.holds(False, what, f"was accepted: {result!r}")
