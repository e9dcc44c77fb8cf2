"""A new repository, its parameters copied from another one if that is asked for."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import connection, location, opened
from holdfast.cli.repo.passwords import new_password
from holdfast.cli.repo.screen import Screen
from holdfast_engine import Repository

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import InitOptions

VERSIONS = {"1": 1, "2": 2, "latest": 2, "stable": 2}
PLEASE = """
Please note that knowledge of your password is required to access
the repository. Losing your password means that your data is
irrecoverably lost."""


class InitFlags(TypedDict):
    """What `init` is told."""

    repository_version: str
    copy_chunker_params: bool
    from_repo: str | None
    from_repository_file: str | None
    from_password_file: str | None
    from_password_command: str | None
    from_key_hint: str | None
    from_insecure_no_password: bool


def initialise(settings: Settings, flags: InitFlags) -> None:
    """Make it and say so."""
    version = VERSIONS.get(flags["repository_version"])
    if version is None:
        raise FatalError(
            f"invalid repository version {flags['repository_version']!r}: 1, 2, latest or stable"
        )
    made: InitOptions = {"version": version}
    options: InitOptions = {**made, **connection(settings)}
    with _source(settings, flags) as source:
        if source:
            options["copy_chunker_params"] = source
        with Repository.init(location(settings), new_password(settings), **options) as repository:
            _say(Screen(settings), settings, repository)


def _say(screen: Screen, settings: Settings, repository: Repository) -> None:
    if settings.json:
        screen.document(
            {"message_type": "initialized", "id": repository.id, "repository": repository.location}
        )
    screen.say(f"created restic repository {repository.id[:10]} at {repository.location}")
    screen.say(PLEASE)


def _source(settings: Settings, flags: InitFlags) -> AbstractContextManager[Repository | None]:
    if not flags["copy_chunker_params"]:
        if flags["from_repo"] or flags["from_repository_file"]:
            raise FatalError("--from-repo is only of use with --copy-chunker-params")
        return nullcontext()
    environment = os.environ.get
    place = flags["from_repo"] or environment("RESTIC_FROM_REPOSITORY")
    file = flags["from_repository_file"] or environment("RESTIC_FROM_REPOSITORY_FILE")
    if not (place or file):
        raise FatalError(
            "Please specify a source repository location (--from-repo or --from-repository-file)"
        )
    return opened(
        replace(
            settings,
            repo=place,
            repository_file=file,
            password=environment("RESTIC_FROM_PASSWORD"),
            password_file=flags["from_password_file"] or environment("RESTIC_FROM_PASSWORD_FILE"),
            password_command=flags["from_password_command"] or environment("RESTIC_FROM_PASSWORD_COMMAND"),
            key_hint=flags["from_key_hint"] or environment("RESTIC_FROM_KEY_HINT"),
            insecure_no_password=flags["from_insecure_no_password"],
        )
    )
