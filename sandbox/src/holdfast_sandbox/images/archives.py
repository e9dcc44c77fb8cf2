"""An image as a file: an OCI archive of uncompressed layers, each a tar file that is somewhere already."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_KIND = "application/vnd.oci.image"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an image consists of.

    Attributes:
        name: with a tag, such as `localhost/tool:1`; a tag whose content changes is never pulled again by anybody.
        layers: tar files, the lowest first.
        user: `uid` or `uid:gid`; empty for root.
    """

    name: str
    layers: Sequence[Path]
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = ""


def write(image: Image, archive: Path) -> None:
    """Write the image as an OCI archive, which `Sandbox.load_image` takes."""
    layers = [(path, digest_of(path)) for path in image.layers]
    config = json.dumps(_config(image, [digest for _, digest in layers])).encode()
    listed = [
        {"mediaType": f"{_KIND}.layer.v1.tar", "digest": f"sha256:{digest}", "size": path.stat().st_size}
        for path, digest in layers
    ]
    manifest = {"schemaVersion": 2, "mediaType": f"{_KIND}.manifest.v1+json"}
    body = json.dumps({**manifest, "config": _reference(config, "config"), "layers": listed}).encode()
    entry = {**_reference(body, "manifest"), "annotations": {"io.containerd.image.name": image.name}}
    with tarfile.open(archive, "w") as tar:
        add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
        for blob in (config, body):
            add(tar, f"blobs/sha256/{hashlib.sha256(blob).hexdigest()}", blob)
        for path, digest in dict.fromkeys(layers):
            tar.add(path, f"blobs/sha256/{digest}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """Put a file of root's, without a time, into a tar file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))


def _config(image: Image, digests: Sequence[str]) -> dict[str, object]:
    environment = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **image.environment}
    return {
        "architecture": _ARCHITECTURES[platform.machine()],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "config": {
            "Entrypoint": list(image.entrypoint),
            "Cmd": list(image.command),
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "WorkingDir": image.directory,
            "User": image.user,
        },
    }


def _reference(blob: bytes, kind: str) -> dict[str, object]:
    digest = hashlib.sha256(blob).hexdigest()
    return {"mediaType": f"{_KIND}.{kind}.v1+json", "digest": f"sha256:{digest}", "size": len(blob)}
