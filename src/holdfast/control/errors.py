"""What can end a manager, or the work for one object.

    ControlError
    ├── LeaseLost         another process leads now, or may soon
    └── RunnableFailed    a part that has to run all the time ended
    RunError
    ├── WithdrawnError    the object that asked for the work is gone
    └── SupersededError   another operator does it

A reconcile that fails is tried again, an object that cannot be read is skipped.
"""

from __future__ import annotations


class ControlError(Exception):
    """The process cannot go on; a restart begins anew from the state of the cluster."""


class LeaseLost(ControlError):  # noqa: N818 - the field's own name for it
    """This process does not lead any more."""


class RunnableFailed(ControlError):  # noqa: N818 - says what happened
    """An informer, a controller or another part of the manager ended before it was asked to."""


class RunError(Exception):
    """Long work for an object ends without a result."""


class WithdrawnError(RunError):
    """Its object was deleted while it was carried out."""


class SupersededError(RunError):
    """Another run for the same object began, which took this one for dead."""
