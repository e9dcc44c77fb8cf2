"""The CSI interface as messages, made from the specification's own csi.proto.

The specification is not copied into this repository: protoc describes the file from Go's module cache once, the
description is kept beside the sandbox's other tools, and message classes are made from it when the driver starts.
No Python code is generated, so nothing has to match the protobuf release in use.

Messages have no static types. They are named `Message` here, and only the package `driver.csi` may touch them.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from holdfast_sandbox.driver.errors import StubsMissing
from holdfast_sandbox.tools import caching, interfaces

Message: TypeAlias = Any
FILE = "csi.binpb"


def ensure() -> Path:
    """The directory with the description, made when it is not in the cache yet.

    Raises:
        StubsMissing: protoc does not understand the specification.
        BuildError: the specification cannot be fetched.
    """
    protos = [interfaces.ensure() / name for name in ("csi.proto", "registration.proto")]
    key = caching.key_of([*(proto.read_bytes() for proto in protos), metadata.version("grpcio-tools")])
    return caching.entry("csi-description", key, lambda out: generate(protos, out))


def generate(protos: Sequence[Path], out: Path) -> None:
    """Describe .proto files of one directory in `out/csi.binpb`.

    Raises:
        StubsMissing: protoc refuses a file; the message is its own.
    """
    options = [f"-I{protos[0].parent}", "--include_imports", f"--descriptor_set_out={out / FILE}"]
    protoc = [sys.executable, "-m", "grpc_tools.protoc", *options, *(each.name for each in protos)]
    done = subprocess.run(protoc, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StubsMissing(f"protoc cannot describe {protos[0].parent}: {done.stderr.strip()}")


class Stubs:
    """Message classes of one package as attributes: `stubs.Volume(volume_id="v")`."""

    def __init__(self, directory: Path, package: str = "csi.v1") -> None:
        self.package = package
        described = descriptor_pb2.FileDescriptorSet.FromString((directory / FILE).read_bytes())
        self._pool = descriptor_pool.DescriptorPool()
        for each in described.file:
            self._pool.Add(each)

    def __getattr__(self, name: str) -> Message:
        found = message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"{self.package}.{name}"))
        setattr(self, name, found)
        return found

    def methods(self, service: str) -> Iterator[tuple[str, Message, Message]]:
        """Name, request class and answer class of each method of a service such as `Controller`."""
        for method in self._pool.FindServiceByName(f"{self.package}.{service}").methods:
            yield (
                method.name,
                message_factory.GetMessageClass(method.input_type),
                message_factory.GetMessageClass(method.output_type),
            )
