"""How far a build is: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Iterator

from rich import console, progress

INTERVAL = 20.0  # seconds between two lines where there is no terminal


class Task:
    """One build; `advance` is called for each package that was compiled."""

    def __init__(self, output: console.Console, bar: progress.Progress | None, title: str) -> None:
        self._output, self._bar, self._title = output, bar, title
        self._id = bar.add_task(title, total=None) if bar else progress.TaskID(0)
        self._done, self._total, self._told = 0, 0, time.monotonic()

    def expect(self, total: int) -> None:
        """At most so many packages are going to be compiled."""
        self._total = total
        if self._bar:
            self._bar.update(self._id, total=total)

    def advance(self) -> None:
        self._done += 1
        if self._bar:
            self._bar.advance(self._id)
        elif time.monotonic() - self._told > INTERVAL:
            self._told = time.monotonic()
            self._output.print(f"  {self._done} of at most {self._total} packages")


@contextlib.contextmanager
def task(title: str) -> Iterator[Task]:
    """Tell a person about one build, from its start to its end, on standard error."""
    output = console.Console(stderr=True, highlight=False, soft_wrap=True)
    start = time.monotonic()
    if output.is_terminal:
        with progress.Progress(console=output, transient=True) as bar:
            yield Task(output, bar, title)
    else:
        output.print(title)
        yield Task(output, None, title)
    output.print(f"{title}: done in {time.monotonic() - start:.0f} s")
