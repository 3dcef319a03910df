"""Where things are: the source tree, the cache of foreign clients, and free ports."""
import os
import pathlib
import random
import socket

SOURCE = pathlib.Path(__file__).resolve().parents[3]
INTEROP = SOURCE / "tests" / "interop"
DRIVERS = INTEROP / "drivers"
_ports = range(20000, 32000)
_given = set()


def cache_dir(name):
    """A folder that outlives a build: pinned clients of other languages are kept in it."""
    base = os.environ.get("HOROLOG_CACHE")
    root = pathlib.Path(base) if base else pathlib.Path.home() / ".cache" / "horolog"
    path = root / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def default_binary():
    """The broker that tools/test.sh builds, or the one HOROLOGD names."""
    return pathlib.Path(os.environ.get("HOROLOGD", SOURCE / "build/release/bin/horologd"))


def take_share(slot, slots):
    """From now on this process gives only such ports as no other of `slots` processes gives."""
    global _ports
    width = len(_ports) // slots
    _ports = _ports[slot * width:(slot + 1) * width]


def free_port(width=1):
    """The first of `width` free neighbouring ports below the range the kernel hands to clients.

    A broker must come back on its port after a kill, so an ephemeral port will not do: a client's
    own connection could take it in between. None is given twice: its broker may only be away.
    """
    chooser = random.SystemRandom()
    for _ in range(500):
        ports = range(port := chooser.choice(_ports), port + width)
        if ports[-1] not in _ports or not _given.isdisjoint(ports):
            continue
        taken = []
        try:
            for each in ports:
                taken.append(socket.socket())
                taken[-1].bind(("127.0.0.1", each))
        except OSError:
            continue
        finally:
            for s in taken:
                s.close()
        _given.update(ports)
        return port
    raise RuntimeError(f"no free port between {_ports[0]} and {_ports[-1]}")
