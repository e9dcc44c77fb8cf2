"""What only another process shows: signals, forks, and how much an import costs."""

import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from holdfast_engine import Repository, errors

INTERRUPTED = """
import sys
from holdfast_engine import Repository

repository = Repository.open(sys.argv[1], "correct horse")

def chunks():
    yield b"x"
    print("reading", flush=True)
    while True:
        yield b"y"

{handler}
try:
    repository.backup_stream([("/endless", {{}}, chunks())], ["/endless"])
except BaseException as error:
    print(type(error).__name__, len(repository.locks()), len(repository.snapshots()))
    raise
"""
TERMINATED = """
import signal

def end(number, frame):
    raise SystemExit(143)

signal.signal(signal.SIGTERM, end)
"""
WAITING = """
import sys
from holdfast_engine import Repository

repository = Repository.open(sys.argv[1], "correct horse", retry_lock=3600)
print("reading", flush=True)
repository.snapshots()
"""
UNREACHABLE = """
import sys
from holdfast_engine import Repository

Repository.open("rest:http://127.0.0.1:1/", "x", on_notice=lambda line: print("reading", flush=True))
"""


def interrupted(program: str, place: Path, number: int) -> tuple[int, str]:
    with subprocess.Popen(
        [sys.executable, "-c", program, place], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        process.send_signal(number)
        rest = process.stdout.read()
        return process.wait(60), rest


@pytest.mark.usefixtures("repository")
def test_ctrl_c_ends_a_backup_and_removes_its_lock(place: Path) -> None:
    code, said = interrupted(INTERRUPTED.format(handler=""), place, signal.SIGINT)
    assert (code, said) == (-signal.SIGINT, "KeyboardInterrupt 0 0\n")


@pytest.mark.usefixtures("repository")
def test_what_a_handler_raises_ends_a_backup_and_removes_its_lock(place: Path) -> None:
    code, said = interrupted(INTERRUPTED.format(handler=TERMINATED), place, signal.SIGTERM)
    assert (code, said) == (143, "SystemExit 0 0\n")


def test_ctrl_c_ends_waiting_for_a_lock(repository: Repository, place: Path) -> None:
    with repository.lock(exclusive=True):
        code, _ = interrupted(WAITING, place, signal.SIGINT)
    assert code == -signal.SIGINT


def test_ctrl_c_ends_waiting_for_a_store(tmp_path: Path) -> None:
    code, _ = interrupted(UNREACHABLE, tmp_path, signal.SIGINT)
    assert code == -signal.SIGINT


def use_in_child(repository: Repository, answer: Connection) -> None:
    try:
        repository.snapshots()
    except errors.ForkedError as error:
        answer.send((error.opened, error.here))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent shows it
        answer.send(repr(error))


def test_a_forked_child_is_refused_and_leaves_the_parents_lock(repository: Repository) -> None:
    here, there = multiprocessing.Pipe()
    with repository.lock():
        child = multiprocessing.get_context("fork").Process(target=use_in_child, args=(repository, there))
        child.start()
        assert here.poll(60)
        assert here.recv() == (os.getpid(), child.pid)
        child.join(60)
        assert child.exitcode == 0
        assert len(repository.locks()) == 1


def test_importing_leaves_asyncio_alone() -> None:
    program = "import sys, holdfast_engine; print('asyncio' in sys.modules, 'dataclasses' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "False False\n"
