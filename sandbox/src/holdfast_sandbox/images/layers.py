"""A layer of an image from folders of this computer. The same content gives the same bytes, so its hash is a tag."""

import tarfile
from collections.abc import Mapping
from pathlib import Path

from holdfast_sandbox.images.archives import digest_of


def pack(files: Mapping[str, Path], layer: Path) -> str:
    """Write files, by their absolute path in the image, as a tar file; what identifies the content."""
    with tarfile.open(layer, "w") as tar:
        for name, source in sorted(files.items()):
            info = tarfile.TarInfo(name.lstrip("/"))
            content = source.stat()
            info.size, info.mode = content.st_size, 0o755 if content.st_mode & 0o100 else 0o644
            with source.open("rb") as opened:
                tar.addfile(info, opened)
    return digest_of(layer)[:12]
