"""`key list|add|passwd|remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.files import text_of
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.passwords import EMPTY, typed
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.tables import table
from holdfast.cli.repo.wording import local

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import KeyInfo, KeyOptions

UNLESS = "--new-insecure-no-password"


def show(settings: Settings) -> None:
    """List keys."""
    screen = Screen(settings)
    with opened(settings) as repository:
        keys = repository.keys()
    if settings.json:
        screen.document([_document(key) for key in keys])
        return
    rows = [
        [f"{'*' if key.current else ' '}{key.id[:8]}", key.username, key.hostname, local(key.created)]
        for key in keys
    ]
    for line in table([" ID", "User", "Host", "Created"], rows):
        screen.result(line)


def add(settings: Settings, new: NewPassword) -> None:
    """Add a key."""
    with opened(settings) as repository:
        key = repository.add_key(new.ask(), **new.owner())
    Screen(settings).say(f"saved new key with ID {key}")


def change(settings: Settings, new: NewPassword) -> None:
    """Replace the key in use."""
    with opened(settings) as repository:
        key = repository.change_password(new.ask(), **new.owner())
    Screen(settings).say(f"saved new key as {key}")


def remove(settings: Settings, name: str) -> None:
    """Remove a key."""
    with opened(settings) as repository:
        repository.remove_key(name)
    Screen(settings).say(f"removed key {name}")


class NewPassword(NamedTuple):
    """Where a new password comes from, and whose it is."""

    file: str | None
    user: str | None
    host: str | None
    empty: bool

    def ask(self) -> str:
        """From the file or the terminal."""
        if self.file and self.empty:
            raise FatalError("only either --new-password-file or --new-insecure-no-password may be specified")
        if self.empty:
            return ""
        found = text_of(self.file) if self.file else typed("enter new password", UNLESS, again=True)
        if not found:
            raise FatalError(EMPTY.format(UNLESS))
        return found

    def owner(self) -> KeyOptions:
        """What the key file says, where it is not this user and this machine."""
        said: KeyOptions = {}
        if self.user:
            said["user"] = self.user
        if self.host:
            said["host"] = self.host
        return said


def _document(key: KeyInfo) -> dict[str, object]:
    return {
        "current": key.current,
        "id": key.id,
        "userName": key.username,
        "hostName": key.hostname,
        "created": local(key.created),
    }
