"""docs/benchmarks.md: one part a benchmark, each replaced as a whole by the run that measured it."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def put(part: str, text: str) -> None:
    """Replace a part of the page."""
    begin, end = f"<!-- {part}: begin -->\n", f"<!-- {part}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = PAGE.read_text()
    if not pattern.search(page):
        page += f"\n{begin}{end}\n"
    PAGE.write_text(pattern.sub(lambda _: f"{begin}\n{text.rstrip()}\n\n{end}", page))


def processor() -> str:
    """Processor and memory."""
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(names)} x {names[0] if names else platform.processor()}, {memory:.0f} GiB"
