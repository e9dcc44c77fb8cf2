"""Where a cluster listens: loopback ports or a network that nobody else gets, even while the programs are down."""

import contextlib
import secrets
import socket
from dataclasses import replace

from holdfast_sandbox.errors import StartError
from holdfast_sandbox.layout import NETWORKS, Settings

HTTPS, S3 = 443, 9000  # on a machine of one's own every port is free


def settle(settings: Settings) -> tuple[Settings, list[socket.socket]]:
    """Ports for a cluster without a node, and what holds them as long as it is open."""
    held = [reserve(settings.api_port), reserve(settings.s3_port)]
    api_port, s3_port = (each.getsockname()[1] for each in held)
    return replace(settings, api_port=api_port, s3_port=s3_port), held


def settle_machine(settings: Settings) -> tuple[Settings, list[socket.socket]]:
    """A network for a cluster with a node, and what holds it as long as it is open.

    Raises:
        StartError: a cluster that was started before needs the network that another one has now.
    """
    numbers = [settings.network]
    if not settings.api_port:
        numbers += [1 + secrets.randbelow(NETWORKS) for _ in range(NETWORKS)]
    for number in numbers:
        with contextlib.suppress(OSError):
            holder = socket.socket(socket.AF_UNIX)
            holder.bind(f"\0holdfast-sandbox-{number}")
            return replace(settings, network=number, api_port=HTTPS, s3_port=S3), [holder]
    raise StartError(f"the network of {settings.machine} is in use by another sandbox: take that one down")


def reserve(preferred: int = 0) -> socket.socket:
    """A socket bound to the preferred port, or to a free one where that is taken; keep it open, never listen.

    On Linux another socket of the same user may then still listen on the port (both set SO_REUSEADDR, as Go's
    listeners do), but the kernel gives it to nobody who asks for a free port.
    """
    if preferred:
        try:
            return _bound(preferred)
        except OSError:
            pass
    return _bound(0)


def _bound(port: int) -> socket.socket:
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        holder.close()
        raise
    return holder
