"""The CSI interface as messages, made from the specification's own csi.proto.

`generate` runs once, when the tools are built, and leaves one descriptor file; `Stubs` reads it at start
and makes message classes from it. No Python code is generated, so nothing has to match the protobuf release
in use, and the specification is not copied into this repository.

Messages have no static types. They are named `Message` here, and only the package `driver.csi` may touch
them.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from holdfast_sandbox.driver import errors

Message: TypeAlias = Any
FILE = "csi.binpb"


def generate(proto: Path, out: Path) -> Path:
    """Describe csi.proto for `Stubs`; the file appears whole or not at all.

    Args:
        proto: csi.proto of github.com/container-storage-interface/spec.
        out: directory of the result, made when missing.

    Returns:
        The written file, `out/csi.binpb`.

    Raises:
        errors.StubsMissing: protoc refuses the file; the message is its own.
    """
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f"{FILE}.partial"
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{proto.parent}", "--include_imports"]
    done = subprocess.run(
        [*protoc, f"--descriptor_set_out={partial}", proto.name], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise errors.StubsMissing(f"protoc cannot read {proto}: {done.stderr.strip()}")
    return partial.replace(out / FILE)


class Stubs:
    """Message classes as attributes: `stubs.Volume(volume_id="v")`."""

    def __init__(self, directory: Path) -> None:
        file = directory / FILE
        if not file.is_file():
            raise errors.StubsMissing(f"{file} is missing: build the sandbox's tools first")
        described = descriptor_pb2.FileDescriptorSet.FromString(file.read_bytes())
        self._pool = descriptor_pool.DescriptorPool()
        for each in described.file:
            self._pool.Add(each)

    def __getattr__(self, name: str) -> Message:
        found = message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"csi.v1.{name}"))
        setattr(self, name, found)
        return found

    def methods(self, service: str) -> Iterator[tuple[str, Message, Message]]:
        """Name, request class and answer class of each method of a service such as `Controller`."""
        for method in self._pool.FindServiceByName(f"csi.v1.{service}").methods:
            yield (
                method.name,
                message_factory.GetMessageClass(method.input_type),
                message_factory.GetMessageClass(method.output_type),
            )
