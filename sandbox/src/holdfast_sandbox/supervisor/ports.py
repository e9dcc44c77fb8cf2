"""Loopback ports that nobody else gets, even while the program that listens there is down."""

import socket


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
