"""What tests build images on, made once and kept in the cache: busybox with every node, Python when asked for."""

import subprocess
import tarfile
from pathlib import Path

from holdfast_sandbox.errors import BuildError
from holdfast_sandbox.images import archives
from holdfast_sandbox.node.configuring import PAUSE
from holdfast_sandbox.tools import caching, packages

BUSYBOX = "localhost/busybox:1"
PYTHON_PACKAGES = ("ca-certificates", "python3")
TRIMMED = ("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man", "usr/share/perl")
_USERS = b"root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
_FORMAT = "1"  # another one makes all anew


def small() -> list[Path]:
    """Archives of the pause image and of `BUSYBOX`.

    Raises:
        BuildError: the packages cannot be had.
    """
    unpacked = packages.ensure()
    key = caching.key_of([_FORMAT, unpacked.name])
    folder = caching.entry("small-images", key, lambda out: _fill(unpacked, out))
    return [folder / "pause.tar", folder / "busybox.tar"]


def python_layer() -> Path:
    """A layer with this machine's Debian, small, and its `/usr/bin/python3`, made by mmdebstrap.

    Raises:
        BuildError: mmdebstrap fails.
    """
    key = caching.key_of([_FORMAT, *PYTHON_PACKAGES, *TRIMMED, packages.release()])
    return caching.entry("python-layer", key, _bootstrap) / "layer.tar"


def _fill(unpacked: Path, target: Path) -> None:
    layer = target / "layer.tar"
    _write_busybox(unpacked / "bin" / "busybox", layer)
    pause = archives.Image(name=PAUSE, layers=[layer], entrypoint=["/bin/sleep", "2147483647"])
    archives.write(pause, target / "pause.tar")
    archives.write(archives.Image(name=BUSYBOX, layers=[layer], command=["/bin/sh"]), target / "busybox.tar")


def _write_busybox(program: Path, layer: Path) -> None:
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(layer, "w") as tar:
        for name in ("bin", "etc", "tmp", "proc", "sys", "dev", "data"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name in ("tmp", "data") else 0o755
            tar.addfile(folder)
        archives.add(tar, "bin/busybox", program.read_bytes(), 0o755)
        archives.add(tar, "etc/passwd", _USERS)
        for applet in set(applets) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)


def _bootstrap(target: Path) -> None:
    program = str(packages.ensure() / "usr" / "bin" / "mmdebstrap")
    trim = f'cd "$1" && rm -rf {" ".join(TRIMMED)}'
    chosen = ["--variant=minbase", f"--include={','.join(PYTHON_PACKAGES)}", f"--customize-hook={trim}"]
    command = [program, "--quiet", *chosen, packages.release(), str(target / "layer.tar")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"mmdebstrap cannot make a Python image:\n{done.stderr.strip()[-2000:]}")
