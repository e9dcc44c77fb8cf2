"""Why a location of the cluster cannot be used.

    LocationError
    ├── NoLocationError     there is no such BackupStorageLocation
    ├── NoSecretError       what it says about a Secret leads nowhere, or to something unreadable
    └── UnfitError          the store cannot be used as a location, or not as this one

Each message names the location and its namespace.
"""

from __future__ import annotations


class LocationError(Exception):
    """Anything that `holdfast.locations` raises on purpose."""

    remedy = ""


class NoLocationError(LocationError):
    """There is no such location."""

    remedy = "Name a location of the cluster, or a store by its address: s3://bucket/prefix."


class NoSecretError(LocationError):
    """A Secret that the location names, or the key in it, is missing or cannot be read."""

    remedy = "Correct the location's reference, or put the key into the Secret."


class UnfitError(LocationError):
    """What the store has, or how it behaves, would not be safe."""
