"""How much memory a program takes at its most."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from engine.tests.support.tools import PATIENCE, environment

if TYPE_CHECKING:
    from pathlib import Path

    from engine.tests.support.tools import Tool

CORES = 2
"""Each core more is a thread with buffers of its own, in restic and here."""
BETWEEN = f"""
import json, os, resource, subprocess, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{CORES}])
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(json.dumps([code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""A small process in between: whoever is forked counts with what its parent had at that moment."""


def peak(tool: Tool, place: Path | str, *arguments: str | Path) -> int:
    """Resident bytes of the largest process of a command that succeeds."""
    ended = subprocess.run(
        [sys.executable, "-c", BETWEEN, *tool.words(place, *arguments)],
        check=True,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    code, kibibytes = json.loads(ended.stdout)
    assert code == 0, f"{tool.name} {arguments} ended with {code}:\n{ended.stderr}"
    return int(kibibytes) * 1024
