"""Why a restore does not begin.

RestoreError
├── UnreadableRequestError   what is wanted contradicts itself
└── NotRestorableError       volumes of the backup cannot be read
"""

from __future__ import annotations


class RestoreError(Exception):
    """Anything that `holdfast.restores` raises on purpose."""

    remedy = ""


class UnreadableRequestError(RestoreError):
    """What to restore cannot be understood."""


class NoSourceError(RestoreError):
    """There is no backup to restore from."""


class NotAllowedError(RestoreError):
    """The operator may not make objects of every kind."""


class NotRestorableError(RestoreError):
    """Applications would start on empty volumes."""

    remedy = (
        "With --allow-missing-volumes these claims are made without a volume, so that their pods wait; "
        "or leave their namespaces out."
    )
