"""Results as rows of suite × subject × case, printed as they come and kept as JSON."""
import json
import pathlib
import time
import traceback


class Results:
    """Collects rows; knows whether the whole run may be called a success."""

    def __init__(self):
        self.rows = []
        self.suites = []
        self.counts = {}
        self.began = time.monotonic()

    def add(self, suite, subject, case, ok, detail="", seconds=0.0):
        self.rows.append({"suite": suite, "subject": subject, "case": case, "ok": bool(ok),
                          "detail": detail, "seconds": round(seconds, 2)})
        mark = "ok  " if ok else "FAIL"
        print(f"  {mark} {suite}: {subject}: {case} ({seconds:.1f} s)", flush=True)
        if not ok:
            for line in str(detail).splitlines():
                print(f"       {line}", flush=True)

    def count(self, **figures):
        """Adds to what the run as a whole will say of itself: rounds, records, losses."""
        for name, value in figures.items():
            self.counts[name] = self.counts.get(name, 0) + value

    def run(self, suite, subject, case, function, *args):
        """Runs one case: an exception of any kind is a failed row that carries its text."""
        began = time.monotonic()
        try:
            value = function(*args)
        except Exception as e:  # every way to fail is a row, and the other rows still run
            text = f"{type(e).__name__}: {e}" or traceback.format_exc()
            if not isinstance(e, (AssertionError, CaseError)):
                text += "\n" + "".join(traceback.format_tb(e.__traceback__)[-2:])
            self.add(suite, subject, case, False, text, time.monotonic() - began)
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
