"""Why a backup is not made.

BackupError
├── UnreadableFiltersError   the filters contradict each other
├── ExistsError              the location has one of that name
├── WithdrawnError           nobody wants it any more
└── SupersededError          another operator makes it
"""

from __future__ import annotations


class BackupError(Exception):
    """Anything that `holdfast.backups` raises on purpose."""


class UnreadableFiltersError(BackupError):
    """What to save cannot be understood."""


class ExistsError(BackupError):
    """There is such a backup; it is not overwritten."""


class WithdrawnError(BackupError):
    """Its object was deleted while it was being made."""


class SupersededError(BackupError):
    """Another run of the same object began, which took this one for dead; the files are that one's now."""
