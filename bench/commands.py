"""What starting the command line costs: CPU time of whole processes, median of several runs."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 15


def cpu_of(*words: str, kubeconfig: Path | None = None) -> tuple[float, float, float]:
    """Minimum, median and maximum of user and system time in milliseconds."""
    environment = os.environ | ({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})
    command = [sys.executable, "-m", "holdfast", *words]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    times = [_once(command, environment) for _ in range(RUNS)]
    return min(times), statistics.median(times), max(times)


def _once(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
