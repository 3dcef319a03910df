"""What a failed case shows beside its message: where in the tests, and the last words of the
programs that wrote a log meanwhile. In CI the folders are gone once the run is over."""
import traceback

from . import paths

LINES = 60  # of all logs together
FILES = 4
WIDTH = 240


def shortened(text, lines=100):
    """The beginning and the end of a message that may be of any length."""
    all_ = text.splitlines()
    if len(all_) <= lines:
        return text
    left_out = len(all_) - lines
    return "\n".join([*all_[:lines // 2], f"[{left_out} lines left out]", *all_[-lines // 2:]])


def where(error):
    """The way through our own files to the place of the failure, the innermost last."""
    frames = [f for f in traceback.extract_tb(error.__traceback__)
              if f.filename.startswith(str(paths.SOURCE))
              and not f.filename.endswith("harness/results.py")]
    steps = [f"{f.filename.removeprefix(str(paths.SOURCE) + '/')}:{f.lineno} {f.name}()"
             for f in frames[-5:]]
    return "at " + " > ".join(steps) if steps else ""


def _logs(folder, since):
    """Logs below the folder that were written to since then, the newest first. Data directories
    hold logs of another kind: their names are numbers."""
    found = []
    for path in folder.rglob("*.log"):
        try:
            if not path.stem.isdigit() and path.stat().st_mtime >= since and path.stat().st_size:
                found.append((path.stat().st_mtime, path))
        except OSError:
            continue  # gone meanwhile
    return [path for _, path in sorted(found, reverse=True)[:FILES]]


def last_words(folder, since):
    """The ends of the logs in the folder that were written to since that time."""
    logs = _logs(folder, since) if folder else []
    out = []
    for path in logs:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - WIDTH * LINES))
            lines = file.read().decode(errors="replace").splitlines()[-(LINES // len(logs)):]
        out.append(f"--- {path.relative_to(folder)}")
        out += [line[:WIDTH] for line in lines]
    return "\n".join(out)
