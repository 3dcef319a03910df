"""Results as rows of suite × subject × case, printed as they come and kept as JSON."""
import json
import pathlib
import threading
import time

from . import evidence

PATIENCE = 3  # what is waited for may take so many times as long as it should: others work too


class Results:
    """Collects rows; knows whether the whole run may be called a success.

    `forward`, when given, gets each row and count instead: those of a suite that runs in a process
    of its own. `folder` is where the suite's programs write their logs.
    """

    def __init__(self, forward=None):
        self.rows = []
        self.counts = {}
        self.folder = None
        self.began = time.monotonic()
        self._forward = forward
        self._lock = threading.Lock()  # cases of a suite may run in threads

    def take(self, kind, what):
        """A row or counts, of this process or of a suite's own."""
        if self._forward:
            self._forward(kind, what)
            return
        with self._lock:
            if kind == "row":
                self.rows.append(what)
                _show(what)
            else:
                for name, value in what.items():
                    self.counts[name] = self.counts.get(name, 0) + value

    def add(self, suite, subject, case, ok, detail="", seconds=0.0):
        self.take("row", {"suite": suite, "subject": subject, "case": case, "ok": bool(ok),
                          "detail": detail, "seconds": round(seconds, 2)})

    def count(self, **figures):
        """Adds to what the run as a whole will say of itself: rounds, records, losses."""
        self.take("counts", figures)

    def failure(self, suite, subject, case, error, since):
        """A failed row: the error, its place, and the last words of the programs that have written
        a log since that time."""
        text = (evidence.shortened(f"{type(error).__name__}: {error}"), evidence.where(error),
                evidence.last_words(self.folder, since))
        self.add(suite, subject, case, False, "\n".join(filter(None, text)), time.time() - since)

    def run(self, suite, subject, case, function, *args):
        """Runs one case: an exception of any kind is a failed row."""
        began, since = time.monotonic(), time.time()
        try:
            value = function(*args)
        except Exception as e:  # every way to fail is a row, and the other rows still run
            self.failure(suite, subject, case, e, since)
            return None
        self.add(suite, subject, case, True, "", time.monotonic() - began)
        return value if value is not None else True

    def failed(self):
        return [r for r in self.rows if not r["ok"]]

    def finish(self, wanted, json_path=None, extra=None):
        """Prints the counts per suite and the closing line; returns the exit code."""
        code = 0
        for suite in wanted:
            mine = [r for r in self.rows if r["suite"] == suite]
            good = sum(r["ok"] for r in mine)
            took = sum(r["seconds"] for r in mine)
            print(f"suite {suite}: {good} passed, {len(mine) - good} failed ({took:.0f} s)")
            if not mine:
                print(f"suite {suite}: ran nothing, which is a failure")
                code = 1
        bad = self.failed()
        for row in bad:
            print(f"failed: {row['suite']}: {row['subject']}: {row['case']}")
        if json_path:
            path = pathlib.Path(json_path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({**(extra or {}), "counts": self.counts, "rows": self.rows},
                                       indent=1) + "\n")
        print(f"{len(self.rows) - len(bad)} passed, {len(bad)} failed "
              f"in {time.monotonic() - self.began:.0f} s", flush=True)
        return 1 if bad or not self.rows else code


class CaseError(Exception):
    """A case found something wrong; the text says what."""


def check(condition, text):
    if not condition:
        raise CaseError(text)


def _show(row):
    mark = "ok  " if row["ok"] else "FAIL"
    lines = [f"  {mark} {row['suite']}: {row['subject']}: {row['case']} ({row['seconds']:.1f} s)"]
    if not row["ok"]:
        lines += [f"       {line}" for line in str(row["detail"]).splitlines()]
    print("\n".join(lines), flush=True)
