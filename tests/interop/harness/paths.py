"""Where things are: the source tree, the cache of foreign clients, and free ports."""
import os
import pathlib
import random
import socket

SOURCE = pathlib.Path(__file__).resolve().parents[3]
INTEROP = SOURCE / "tests" / "interop"
DRIVERS = INTEROP / "drivers"


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


def free_port(width=1):
    """The first of `width` free neighbouring ports below the range the kernel hands to clients.

    A broker must come back on its port after a kill, so an ephemeral port will not do: a client's
    own connection could take it in between.
    """
    chooser = random.SystemRandom()
    for _ in range(500):
        port = chooser.randrange(20000, 32000)
        taken = []
        try:
            for n in range(width):
                taken.append(socket.socket())
                taken[-1].bind(("127.0.0.1", port + n))
            return port
        except OSError:
            continue
        finally:
            for s in taken:
                s.close()
    raise RuntimeError("no free port between 20000 and 32000")
