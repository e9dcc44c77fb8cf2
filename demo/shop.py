"""The demo's application: a shop whose orders are rows of a database. Runs in a pod, on Python alone.

python3 shop.py serve FILE     takes orders until it is told to stop
python3 shop.py audit FILE     says how many orders there are, and fails if one is damaged or missing
"""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import sys
import threading
import time
from dataclasses import dataclass

PAUSE = 0.02
TOLD = 10
"""It says how many orders there are whenever there are so many more."""


@dataclass(frozen=True)
class Orders:
    """How many there are, and when the first was taken (unix seconds; 0 for none)."""

    count: int
    since: float


def checksum(order: int) -> str:
    """What belongs to an order, by which a damaged one is known."""
    return hashlib.sha256(str(order).encode()).hexdigest()


def opened(file: str) -> sqlite3.Connection:
    """The database; each order is on disk when it is there."""
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    columns = "number INTEGER PRIMARY KEY, taken REAL NOT NULL, checksum TEXT NOT NULL"
    database.execute(f"CREATE TABLE IF NOT EXISTS orders ({columns})")
    return database


def take(database: sqlite3.Connection) -> int:
    """Take one order; its number, from 1."""
    ((last,),) = database.execute("SELECT coalesce(max(number), 0) FROM orders")
    number = int(last) + 1
    database.execute("INSERT INTO orders VALUES (?, ?, ?)", (number, time.time(), checksum(number)))
    return number


def audit(file: str) -> Orders:
    """Look at each order.

    Raises:
        ValueError: the database or an order is damaged, or one is missing.
    """
    database = opened(file)
    ((state,),) = database.execute("PRAGMA integrity_check")
    if state != "ok":
        raise ValueError(f"the database is damaged: {state}")
    orders = database.execute("SELECT number, checksum FROM orders ORDER BY number").fetchall()
    for expected, found in enumerate(orders, 1):
        if found != (expected, checksum(expected)):
            raise ValueError(f"order {expected} is damaged or missing: {found}")
    ((since,),) = database.execute("SELECT coalesce(min(taken), 0) FROM orders")
    return Orders(len(orders), since)


def serve(file: str) -> None:
    """Take orders until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = opened(file)
    while not stop.wait(PAUSE):
        number = take(database)
        if number % TOLD == 0:
            print(number, flush=True)


if __name__ == "__main__":
    word, path = sys.argv[1:]
    if word == "serve":
        serve(path)
    else:
        found = audit(path)
        print(found.count, found.since)
