"""The demo's application: keeps appending records to a file until it is told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from demo.records import record, whole_records

PAUSE = 0.02
FIRST = 20
"""After so many records it says that it is writing."""


def main() -> None:
    """Append records to the file named on the command line, each one synced to disk."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    path = Path(sys.argv[1])
    number = whole_records(path.read_text()) if path.exists() else 0
    with path.open("a") as file:
        while not stop.wait(PAUSE):
            file.write(record(number))
            file.flush()
            os.fsync(file.fileno())
            number += 1
            if number == FIRST:
                print("writing", flush=True)


if __name__ == "__main__":
    main()
