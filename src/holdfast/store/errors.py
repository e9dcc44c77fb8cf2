"""What can go wrong between us and a store, by cause.

    StoreError
    ├── AddressError       a location, its configuration or its credentials cannot be read; nothing was sent
    ├── AbsentError        there is no such object
    ├── PresentError       there is one, where none must be
    ├── DeniedError        the store does not let us
    ├── UnreachableError   no complete answer arrived
    └── NoAddressError     its objects have no addresses that others could read

Each message names the store's address and the object; none has a credential in it.
"""

from __future__ import annotations


class StoreError(Exception):
    """Anything that `holdfast.store` raises on purpose."""

    remedy = ""


class AddressError(StoreError):
    """Where the store is was not said in a way that can be understood."""


class AbsentError(StoreError):
    """There is no such object."""


class PresentError(StoreError):
    """There is such an object, and it is not overwritten."""


class DeniedError(StoreError):
    """The credentials are missing, wrong or not allowed this."""

    remedy = "Check the access key and what it may do in this bucket."


class UnreachableError(StoreError):
    """The store did not answer, or broke off."""

    remedy = "Check that the store runs and that its address is right; then try again."


class NoAddressError(StoreError):
    """An object of it cannot be read by its address."""
