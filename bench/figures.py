"""How figures of several runs are written."""

import statistics


def spread(values, digits=2):
    values = list(values)
    return (f"{statistics.median(values):.{digits}f} "
            f"({min(values):.{digits}f}–{max(values):.{digits}f})")
