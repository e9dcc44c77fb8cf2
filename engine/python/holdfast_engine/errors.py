"""What can go wrong, by what a caller can do about it; the engine (Rust) raises these.

```text
EngineError            1  anything below; `exit_code` is restic's for the cause
├── NoRepositoryError 10  nothing was initialised at the location
├── LockedError       11  somebody else works in the repository; `holder` says who and since when
├── WrongPasswordError 12 no key opens with the password
├── StoppedError     130  the caller said stop through a `Cancel`; what was begun is harmless
├── IncompleteError    3  it worked except for some sources (see `BackupSummary.errors`)
├── RefusedError       1  asked for something that cannot be; the message says what can
├── MissingError       1  `what` was named and is not there
├── DamagedError       1  the stored bytes of `what` are not what was written; `why` says what does not fit
├── StoreError         1  the place where the repository lies failed at `operation` on `what`, after retries
├── LocalError         1  the file `path` of this machine failed (a source, a target)
└── ForkedError        1  a repository that process `opened` opened was used in its child `here`
```

No message holds a password, a key or a URL's user information. Cancelling an asyncio task raises
`asyncio.CancelledError` as ever, and Ctrl-C raises `KeyboardInterrupt`: `StoppedError` is only for who sets a
`Cancel`.
"""


class EngineError(Exception):
    """The root. The first argument is the whole message."""

    exit_code: int = 1

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NoRepositoryError(EngineError):
    """Nothing was initialised at `location`."""

    exit_code = 10

    def __init__(self, message: str, location: str, why: str) -> None:
        super().__init__(message, location, why)
        self.location = location
        self.why = why


class LockedError(EngineError):
    """Another process holds a lock that excludes what was asked for."""

    exit_code = 11

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message, holder)
        self.holder = holder


class WrongPasswordError(EngineError):
    """No key of the repository opens with the password."""

    exit_code = 12


class StoppedError(EngineError):
    """The `Cancel` of the operation was set; locks are removed, nothing is half done."""

    exit_code = 130


class IncompleteError(EngineError):
    """Some sources could not be read; the rest was saved."""

    exit_code = 3


class RefusedError(EngineError):
    """What was asked for cannot be done, and nothing was changed."""


class MissingError(EngineError):
    """Something that was named does not exist."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(message, what)
        self.what = what


class DamagedError(EngineError):
    """Stored bytes are not what was written."""

    def __init__(self, message: str, what: str, why: str) -> None:
        super().__init__(message, what, why)
        self.what = what
        self.why = why


class StoreError(EngineError):
    """The store failed after retries; `errno` is the system's number where there is one."""

    def __init__(self, message: str, operation: str, what: str, errno: int | None) -> None:
        super().__init__(message, operation, what, errno)
        self.operation = operation
        self.what = what
        self.errno = errno


class LocalError(EngineError):
    """A file of this machine failed; bytes of `path` that are not UTF-8 are escaped."""

    def __init__(self, message: str, path: str, errno: int | None) -> None:
        super().__init__(message, path, errno)
        self.path = path
        self.errno = errno


class ForkedError(EngineError):
    """An open repository does not follow into a forked child: open it again there."""

    def __init__(self, message: str, opened: int, here: int) -> None:
        super().__init__(message, opened, here)
        self.opened = opened
        self.here = here
