"""What the driver answers when it does not do what it was asked.

The codes are those of gRPC by name; only `csi.serving` knows gRPC itself.

    DriverError
    ├── Refusal        an answer to the caller of a CSI method
    ├── StubsMissing   the interface description cannot be made
    └── Unreachable    nobody answers at the control socket (tests see this one)
"""

from enum import StrEnum

from holdfast_sandbox.errors import SandboxError


class Code(StrEnum):
    ABORTED = "ABORTED"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INTERNAL = "INTERNAL"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    UNIMPLEMENTED = "UNIMPLEMENTED"


class DriverError(SandboxError):
    """Anything the driver or its clients raise on purpose."""


class Refusal(DriverError):  # noqa: N818  an answer, not a failure of the driver
    """A CSI call ends with this code and message."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class StubsMissing(DriverError):  # noqa: N818  a state, named as people say it
    """The interface description could not be made."""


class Unreachable(DriverError):  # noqa: N818  a state, named as people say it
    """Nobody answered at the control socket in time."""
