#!/usr/bin/env python3
"""Records what a command prints as a moving picture of a terminal (SVG, no scripts in it).

    tools/terminal_picture.py -o FILE.svg [--from TEXT] [--until TEXT] -- COMMAND…

Lines appear as they came, pauses shortened; from the first line that contains --from on, to the
one before that with --until. README's picture is made so from tools/quickstart.sh."""
import argparse
import html
import re
import subprocess
import sys
import time

COLUMNS = 108
ROWS = 34
LONGEST_PAUSE = 1.6
END_PAUSE = 8.0
LINE = 17
MARGIN = 14
BAR = 28
COLOURS = {"$": "#8ae234", "title": "#729fcf", "text": "#d3d7cf"}


def record(command, begin, end):
    """(seconds, line) of what is wanted; the command's own exit code must be 0."""
    lines = []
    wanted = begin is None
    began = last = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            line = line.rstrip("\n")
            wanted = wanted or begin in line
            if end is not None and end in line:
                wanted, begin = False, "\0"
            if not wanted:
                continue
            now = time.monotonic()
            if last is None:
                began = now
            elif now - last > LONGEST_PAUSE:
                began += now - last - LONGEST_PAUSE
            last = now
            lines.append((now - began, line))
    if process.returncode != 0:
        sys.exit(f"terminal_picture: {command[0]} ended with {process.returncode}")
    if not lines:
        sys.exit("terminal_picture: nothing of that was printed")
    return lines


def shortened(line):
    line = re.sub(r"build/release/bin/", "", line)
    return line if len(line) <= COLUMNS else line[:COLUMNS - 1] + "…"


def kind_of(lines, i):
    if lines[i][1].startswith("$ "):
        return "$"
    after_blank = i == 0 or lines[i - 1][1] == ""
    return "title" if after_blank and lines[i][1] else "text"


def svg(lines):
    length = lines[-1][0] + END_PAUSE
    width = MARGIN * 2 + int(COLUMNS * 7.85)
    height = BAR + MARGIN * 2 + ROWS * LINE
    styles, moves, texts = [], [], []
    for i, (at, line) in enumerate(lines):
        begin = 100 * at / length
        styles.append(f"@keyframes l{i}{{0%,{begin:.2f}%{{opacity:0}}"
                      f"{min(begin + 0.01, 100):.2f}%,100%{{opacity:1}}}}"
                      f".l{i}{{animation:l{i} {length:.1f}s infinite}}")
        texts.append(f'<text class="l{i}" x="{MARGIN}" y="{(i + 1) * LINE}" '
                     f'fill="{COLOURS[kind_of(lines, i)]}">{html.escape(shortened(line))}</text>')
        if i >= ROWS:
            up = (i - ROWS + 1) * LINE
            moves.append(f"{begin:.2f}%,{begin + 0.005:.3f}%{{transform:translateY(-{up}px)}}")
    # The text moves up by whole lines, as a terminal's does.
    scroll = (f"@keyframes up{{0%{{transform:none}}{''.join(moves)}"
              f"100%{{transform:translateY(-{max(0, len(lines) - ROWS) * LINE}px)}}}}"
              f".up{{transform:translateY(-{max(0, len(lines) - ROWS) * LINE}px);"
              f"animation:up {length:.1f}s steps(1,end) infinite}}")
    dots = "".join(f'<circle cx="{18 + 18 * n}" cy="{BAR / 2}" r="5" fill="{colour}"/>'
                   for n, colour in enumerate(("#cc0000", "#edd400", "#73d216")))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="A terminal: {html.escape(lines[0][1])}">
<style>text{{font:13px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre}}
{scroll}
{''.join(styles)}
@media(prefers-reduced-motion){{text,.up{{animation:none!important}}}}</style>
<rect width="100%" height="100%" rx="8" fill="#1e2227"/>{dots}
<clipPath id="screen"><rect x="0" y="{BAR}" width="{width}" height="{height - BAR}"/></clipPath>
<g clip-path="url(#screen)"><g transform="translate(0,{BAR})"><g class="up">
{chr(10).join(texts)}
</g></g></g></svg>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--from", dest="begin")
    parser.add_argument("--until", dest="end")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args()
    picture = svg(record(asked.command, asked.begin, asked.end))
    with open(asked.output, "w", encoding="utf-8") as out:
        out.write(picture)
    print(f"{asked.output}: {len(picture)} bytes")


if __name__ == "__main__":
    main()
