"""A small ext4 of its own on a loop device: it can be filled up, and its power can be cut.

FS_IOC_SHUTDOWN without a log flush drops everything that was not synced, as a power cut does, and
lets every later write and sync fail. Needs root, loop devices and mkfs.ext4.
"""
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import time

FS_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2


class Unavailable(Exception):
    """This machine cannot run the rig; the text names what is missing."""


def require():
    missing = []
    if os.geteuid() != 0:
        missing.append("root rights")
    for tool in ("mkfs.ext4", "losetup", "mount", "umount"):
        if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            missing.append(f"{tool} (tools/setup.sh --tests installs it)")
    if not pathlib.Path("/dev/loop-control").exists():
        missing.append("/dev/loop-control (loop devices)")
    if missing:
        raise Unavailable("the loop file system needs: " + ", ".join(missing))


def _run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"},
                          check=False)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(map(str, words))}: {done.stdout.strip()}")
    return done.stdout.strip()


class LoopFs:
    """Mounted below `folder`; use as a context manager, which leaves nothing behind."""

    def __init__(self, folder, megabytes):
        require()
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.image = self.folder / "disk.img"
        self.mount_point = self.folder / "mnt"
        self.megabytes = megabytes
        self.device = None
        self.mounted = False

    def __enter__(self):
        with open(self.image, "wb") as f:
            f.truncate(self.megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.device = _run("losetup", "-f", "--show", str(self.image))
        self.mount_point.mkdir(exist_ok=True)
        self.mount()
        return self

    def mount(self):
        _run("mount", self.device, str(self.mount_point))
        self.mounted = True

    def unmount(self):
        end = time.monotonic() + 20
        while True:
            try:
                _run("umount", str(self.mount_point))
                break
            except Unavailable:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.mounted = False

    def cut_power(self):
        directory = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(directory)

    def __exit__(self, *_):
        try:
            if self.mounted:
                self.unmount()
        except Unavailable as busy:
            # Somebody still has a file open: it leaves the tree now and the device when they end.
            _run("umount", "--lazy", str(self.mount_point))
            print(f"loop file system: {busy}", flush=True)
        finally:
            if self.device:
                _run("losetup", "-d", self.device)
            self.image.unlink(missing_ok=True)
