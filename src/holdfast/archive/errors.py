"""What can be wrong with what lies in a location, by cause.

    ArchiveError
    ├── NoBackupError    there is no backup of that name
    ├── DamagedError     what is there cannot be what was written
    └── TooLargeError    it is larger than what we agree to read

Each message names the backup or the object.
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Anything that `holdfast.archive` raises on purpose."""

    remedy = ""


class NoBackupError(ArchiveError):
    """There is no backup of that name."""


class DamagedError(ArchiveError):
    """What is there is torn, altered, or was never a backup."""

    remedy = "Restore from another backup; `holdfast backup verify` names all that is wrong with this one."


class TooLargeError(ArchiveError):
    """It goes beyond a limit that protects the reader."""
