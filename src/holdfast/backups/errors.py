"""Why a backup is not made.

BackupError
├── UnreadableFiltersError   the filters contradict each other
└── ExistsError              the location has one of that name
"""

from __future__ import annotations


class BackupError(Exception):
    """Anything that `holdfast.backups` raises on purpose."""


class UnreadableFiltersError(BackupError):
    """What to save cannot be understood."""


class ExistsError(BackupError):
    """There is such a backup; it is not overwritten."""
