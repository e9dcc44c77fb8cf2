"""Which call gets which fault. Rules are plain state: they count and remember, the actions act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from holdfast_sandbox.proxy.calls import Match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast_sandbox.proxy.actions import Action
    from holdfast_sandbox.proxy.calls import Call


@dataclass(slots=True, eq=False)
class Rule:
    """An action for matching calls: for all of them, for the `nth` (from 1) or for a range of them.

    `seen` counts the calls that matched since the rule was added, `hits` holds those the action was used on.
    """

    action: Action
    match: Match = field(default_factory=Match)
    nth: int | range | None = None
    seen: int = 0
    hits: list[Call] = field(default_factory=list)

    def count(self, call: Call) -> bool:
        """Count the call if it matches, and say whether it is one that the action is for."""
        if not (self.action.applies(call) and self.match.covers(call)):
            return False
        self.seen += 1
        return (
            self.nth is None
            or self.seen == self.nth
            or (isinstance(self.nth, range) and self.seen in self.nth)
        )


class Rules:
    """The proxy's rules, which may be changed while calls go through it.

    Every rule counts every call; where several apply to one, the rule that was added first acts alone.
    """

    def __init__(self, within: Callable[[Callable[[], None]], None], added: Callable[[Rule], None]) -> None:
        """`within` runs a change in the proxy's loop; `added` is told of every new rule there."""
        self._rules: list[Rule] = []
        self._within = within
        self._added = added

    def append(self, rule: Rule) -> Rule:
        """Add a rule and return it; watches that run already are subject to it before this returns."""
        self._within(lambda: self._append(rule))
        return rule

    def _append(self, rule: Rule) -> None:
        self._rules.append(rule)
        self._added(rule)

    def remove(self, rule: Rule) -> None:
        """Take a rule out.

        Raises:
            ValueError: it is not in force.
        """
        self._rules.remove(rule)

    def clear(self) -> None:
        """Take all rules out."""
        self._rules.clear()

    def __iter__(self) -> Iterator[Rule]:
        return iter(tuple(self._rules))

    def __len__(self) -> int:
        return len(self._rules)

    def choose(self, call: Call) -> Rule | None:
        """Let every rule count a new call, and name the one that acts on it."""
        acting = next(iter([rule for rule in self._rules if rule.count(call)]), None)
        if acting:
            acting.hits.append(call)
        return acting
