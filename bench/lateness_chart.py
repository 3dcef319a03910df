#!/usr/bin/env python3
"""Draws how late fires are seen against how many schedules rest beside them, as an SVG file.

    bench/table.py --rows pending-lateness --json FILE.json
    bench/lateness_chart.py FILE.json -o FILE.svg

Both axes are logarithmic; a point is the median or the 99th percentile of one measurement."""
import argparse
import json
import math
import pathlib
import sys

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 44, 48
SERIES = (("p99_us", "p99", "#c4a000"), ("p50_us", "p50", "#3465a4"))
INK, PAPER, RULE = "#2e3436", "#ffffff", "#d3d7cf"


def short(count):
    for size, name in ((1_000_000, " M"), (1_000, " k")):
        if count >= size:
            return f"{count / size:g}{name}"
    return f"{count:g}"


class Axis:
    """From a value to a place, by whole powers of ten."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.begin, self.end = begin, end

    def at(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        return [10 ** power for power in range(self.low, self.high + 1)]


def text(x, y, words, anchor="middle", colour=INK, size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="{size}">{words}</text>')


def line(x1, y1, x2, y2, colour=RULE):
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"/>'


def draw(points, title):
    """`points`: (pending, histogram of lateness), by what is pending."""
    across = Axis([pending for pending, _ in points], LEFT, WIDTH - RIGHT)
    up = Axis([lateness[name] / 1000 for _, lateness in points for name, *_ in SERIES],
              HEIGHT - BOTTOM, TOP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" role="img">',
           f"<title>{title}</title>",
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
           text(LEFT, 22, title, "start", size=14)]
    for tick in across.ticks():
        out += [line(across.at(tick), TOP, across.at(tick), HEIGHT - BOTTOM),
                text(across.at(tick), HEIGHT - BOTTOM + 18, short(tick))]
    for tick in up.ticks():
        out += [line(LEFT, up.at(tick), WIDTH - RIGHT, up.at(tick)),
                text(LEFT - 8, up.at(tick) + 4, f"{tick:g} ms", "end")]
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "schedules pending"))
    for name, label, colour in SERIES:
        places = [(across.at(pending), up.at(lateness[name] / 1000))
                  for pending, lateness in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
                for x, y in places]
        out += [text(x, y - 9, f"{lateness[name] / 1000:.1f}", colour=colour, size=11)
                for (x, y), (_, lateness) in zip(places, points)]
        out.append(text(places[0][0] + 8, places[0][1] + 16, label, "start", colour))
    return "\n".join([*out, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path, help="what table.py --json wrote")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    measured = [json.loads(row) for row in options.results.read_text().splitlines()]
    points = sorted((one["pending"], one) for one in measured if "pending" in one)
    if len(points) < 2:
        sys.exit(f"lateness_chart: {options.results} has no results of the row pending-lateness")
    rate = round(points[0][1]["fires_per_s"], -2)
    title = f"Nominal time until a read_committed reader has the fire, at {rate:,.0f} fires/s"
    options.output.write_text(draw([(count, one["lateness"]) for count, one in points], title))


if __name__ == "__main__":
    main()
