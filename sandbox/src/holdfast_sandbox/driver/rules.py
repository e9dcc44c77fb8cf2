"""Faults as data, and the table of those in force.

Each CSI call announces itself with `during`; the code that acts then asks for the effect it knows about,
and the first rule that fits the call is used up by one. The table is kept in a file, because a driver that
was killed must come back with the faults a test has set.
"""

import json
import os
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from holdfast_sandbox.driver.errors import Code, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault.

    Attributes:
        effect: refuse, lose, delay, hold, inflate, full, hide or die.
        methods: CSI methods it is about; none means all.
        handle: name or id of a volume, snapshot or group that the call has to do with; empty means any.
        calls: how many calls are hit; None means all of them.
        each: `calls` counts for each object by itself.
        code: answer of refuse, lose and full.
        seconds: of delay; of hold, where None means that the snapshot never gets ready.
        size: bytes; what inflate adds, and what the pool holds at most for full.
        point: step of the store at which the driver dies.
    """

    effect: str
    methods: tuple[str, ...] = ()
    handle: str = ""
    calls: int | None = None
    each: bool = False
    code: Code = Code.INTERNAL
    seconds: float | None = None
    size: int = 0
    point: str = ""

    @staticmethod
    def parse(fields: dict[str, Any]) -> "Rule":
        return Rule(**{**fields, "methods": tuple(fields["methods"]), "code": Code(fields["code"])})

    def concerns(self, method: str, subjects: tuple[str, ...]) -> bool:
        return (not self.methods or method in self.methods) and (not self.handle or self.handle in subjects)


@dataclass(frozen=True, slots=True)
class Call:
    """A CSI call: the first subject is what it is about, the others have to do with it."""

    method: str
    subjects: tuple[str, ...]


_current: ContextVar[Call] = ContextVar("_current")


class Table:
    """Rules in the order they were added. Safe to use from any thread.

    Args:
        file: kept in step with the table.
        hidden: methods the driver never has, whatever the rules say.
    """

    def __init__(self, file: Path, hidden: tuple[str, ...] = ()) -> None:
        self._file = file
        self._hidden = hidden
        self._changed = threading.Condition()
        self._hits: dict[str, Counter[str]] = {}
        self._rules: dict[str, Rule] = {}
        if file.exists():
            for id_, saved in json.loads(file.read_text()).items():
                self._rules[id_] = Rule.parse(saved["rule"])
                self._hits[id_] = Counter(saved["hits"])

    def rules(self) -> dict[str, Rule]:
        with self._changed:
            return dict(self._rules)

    def add(self, rule: Rule) -> str:
        id_ = uuid.uuid4().hex[:8]
        with self._changed:
            self._rules[id_], self._hits[id_] = rule, Counter()
            self._save()
        return id_

    def clear(self, id_: str = "") -> None:
        """Drop one rule, or all; calls that a dropped rule delays go on at once."""
        with self._changed:
            for each in [id_] if id_ else list(self._rules):
                self._rules.pop(each, None)
            self._save()
            self._changed.notify_all()

    @contextmanager
    def during(self, call: Call) -> Iterator[None]:
        token = _current.set(call)
        try:
            yield
        finally:
            _current.reset(token)

    def refuse(self) -> None:
        if found := self._take("refuse"):
            raise _refusal(found[1], "refused")

    def lose(self) -> None:
        if found := self._take("lose"):
            raise _refusal(found[1], "done, but the answer is lost")

    def delay(self) -> None:
        if found := self._take("delay"):
            id_, rule = found
            with self._changed:
                self._changed.wait_for(lambda: id_ not in self._rules, rule.seconds)

    def hold(self, *subjects: str) -> tuple[float | None, int]:
        """Seconds until a new snapshot is ready (None: never), and bytes it is too large by.

        Args:
            subjects: names and ids of the snapshot and of its volume.
        """
        held, inflated = self._take("hold", subjects), self._take("inflate", subjects)
        return (held[1].seconds if held else 0), (inflated[1].size if inflated else 0)

    def admit(self, used: int, size: int) -> None:
        """Refuse when the pool is full."""
        found = self._take("full")
        if found and used + size > found[1].size:
            raise _refusal(
                found[1], f"pool is full: {used} bytes of {found[1].size} are in use, {size} wanted"
            )

    def hides(self, method: str) -> bool:
        """Whether the driver denies that it has this method."""
        hiding = (rule.methods for rule in self.rules().values() if rule.effect == "hide")
        return any(method in methods for methods in (self._hidden, *hiding))

    def budget(self) -> int | None:
        """What the pool holds at most, in bytes."""
        return next((r.size for r in self.rules().values() if r.effect == "full" and not r.handle), None)

    def die(self, point: str) -> None:
        if self._take("die", point=point):
            os.kill(os.getpid(), signal.SIGKILL)

    def _take(self, effect: str, subjects: tuple[str, ...] = (), point: str = "") -> tuple[str, Rule] | None:
        """Use up the first rule that fits the current call, or None outside of any."""
        call = _current.get(None)
        if call is None:
            return None
        subjects = subjects or call.subjects
        with self._changed:
            for id_, rule in self._rules.items():
                fits = rule.effect == effect and rule.point == point and rule.concerns(call.method, subjects)
                if fits and self._count(id_, rule, subjects):
                    return id_, rule
        return None

    def _count(self, id_: str, rule: Rule, subjects: tuple[str, ...]) -> bool:
        if rule.calls is None:
            return True
        hits, key = self._hits[id_], subjects[0] if rule.each and subjects else ""
        if hits[key] >= rule.calls:
            return False
        hits[key] += 1
        self._save()
        return True

    def _save(self) -> None:
        saved = {id_: {"rule": asdict(rule), "hits": self._hits[id_]} for id_, rule in self._rules.items()}
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(saved))
        partial.replace(self._file)


def _refusal(rule: Rule, what: str) -> Refusal:
    return Refusal(rule.code, f"{what}, by a fault that was asked for")
