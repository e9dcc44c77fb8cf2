import socket

import pytest

from holdfast_sandbox.supervisor import ports


def listen(port: int) -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_a_program_can_listen_on_a_reserved_port_again_and_again() -> None:
    with ports.reserve() as held:
        port = held.getsockname()[1]
        for _ in range(2):
            with listen(port), socket.create_connection(("127.0.0.1", port)):
                pass


def test_nobody_is_given_a_reserved_port() -> None:
    held = [ports.reserve() for _ in range(500)]
    assert len({each.getsockname()[1] for each in held}) == len(held)
    for each in held:
        each.close()


def test_nobody_answers_at_a_reserved_port() -> None:
    with ports.reserve() as held, pytest.raises(ConnectionRefusedError):
        socket.create_connection(held.getsockname())


def test_the_port_of_the_last_time_is_taken_again_when_it_is_free() -> None:
    with ports.reserve() as held:
        port = held.getsockname()[1]
    with ports.reserve(port) as again:
        assert again.getsockname()[1] == port
    with listen(port), ports.reserve(port) as other:
        assert other.getsockname()[1] != port
