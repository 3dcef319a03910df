"""What the drivers written in Python share: arguments, records, output (see harness/driver.py)."""
import base64
import json
import sys
import threading


def arguments():
    options = dict(word.split("=", 1) for word in sys.argv[2:])
    return sys.argv[1], options


def emit(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def raw(text):
    return None if text is None else base64.b64decode(text)


def text(raw_bytes):
    return None if raw_bytes is None else base64.b64encode(raw_bytes).decode()


def records(path):
    """Records as dicts with raw bytes: p, t, k, v and h (a list of pairs)."""
    with open(path) as lines:
        for line in lines:
            r = json.loads(line)
            yield {"p": r["p"], "t": r["t"], "k": raw(r["k"]), "v": raw(r["v"]),
                   "h": [(k, raw(v)) for k, v in r["h"]]}


def emit_record(codec, p, o, t, k, v, h):
    emit(codec=codec, p=p, o=o, t=t, k=text(k), v=text(v),
         h=[[key, text(value)] for key, value in h or []])


def input_closed():
    """An event that is set once the harness has closed our input."""
    event = threading.Event()

    def wait():
        sys.stdin.buffer.read()
        event.set()

    threading.Thread(target=wait, daemon=True).start()
    return event
