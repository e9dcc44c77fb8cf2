"""What the decisions refuse, as a tree by cause.

PolicyError
├── IntervalError   an interval nobody can read
├── CronError       a cron expression or time zone nobody can read
└── PointError      a restore point that names no usable snapshot
"""

from __future__ import annotations


class PolicyError(ValueError):
    """A value that a user wrote and the policy cannot follow; the message names it and the remedy."""


class IntervalError(PolicyError):
    pass


class CronError(PolicyError):
    pass


class PointError(PolicyError):
    pass
