"""From settings to an open repository: where it is, its password, and what people are told of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.files import text_of
from holdfast.cli.repo.passwords import known_password, typed_password
from holdfast.cli.repo.screen import Screen

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import ConnectionOptions, OpenOptions, Repository

TRIES = 3
"""To type a password."""
OLD = 30 * 24 * 3600
"""Seconds without use after which `--cleanup-cache` removes a cache."""


def opened(settings: Settings) -> Repository:
    """The repository that the settings name; it is told of at a terminal.

    Raises:
        FatalError: no location or no password was given.
        EngineError: it cannot be opened.
    """
    place, known = location(settings), known_password(settings)
    if known is None:
        repository = _try(settings, place, TRIES if sys.stdin.isatty() else 1)
    else:
        repository = _open(settings, place, known)
    if settings.cleanup_cache and not settings.no_cache:
        _remove_old_caches(settings)
    packed = f", compression level {settings.compression}" if repository.version > 1 else ""
    Screen(settings).greet(f"repository {repository.id[:8]} opened (version {repository.version}{packed})")
    return repository


def location(settings: Settings) -> str:
    """`-r`, `--repository-file` or the environment."""
    if settings.repo and settings.repository_file:
        raise FatalError("Options -r and --repository-file are mutually exclusive, please specify only one")
    if settings.repository_file:
        return text_of(settings.repository_file)
    if not settings.repo:
        raise FatalError("Please specify repository location (-r or --repository-file)")
    return settings.repo


def connection(settings: Settings) -> ConnectionOptions:
    """How the store is reached."""
    said: ConnectionOptions = {
        "options": settings.options,
        "limit_upload": settings.limit_upload,
        "limit_download": settings.limit_download,
        "cacert": settings.cacert,
        "insecure_tls": settings.insecure_tls,
        "no_lock": settings.no_lock,
        "retry_lock": settings.retry_lock,
        "stuck_request_timeout": settings.stuck_request_timeout,
        "on_notice": _notice,
    }
    if settings.tls_client_cert:
        said["tls_client_cert"] = settings.tls_client_cert
    if settings.http_user_agent:
        said["http_user_agent"] = settings.http_user_agent
    return said


def _try(settings: Settings, place: str, tries: int) -> Repository:
    from holdfast_engine.errors import WrongPasswordError

    try:
        return _open(settings, place, typed_password())
    except (FatalError, WrongPasswordError) as wrong:
        if tries == 1:
            raise
        click.echo(f"{wrong}. Try again", err=True)
    return _try(settings, place, tries - 1)


def _open(settings: Settings, place: str, password: str) -> Repository:
    from holdfast_engine import Repository

    own: OpenOptions = {"cache": _cache(settings)}
    if settings.key_hint:
        own["key_hint"] = settings.key_hint
    options: OpenOptions = {**own, **connection(settings)}
    return Repository.open(place, password, **options)


def _remove_old_caches(settings: Settings) -> None:
    from holdfast_engine import cache_folder, remove_old_caches

    folder = settings.cache_dir or cache_folder()
    if removed := remove_old_caches(OLD, folder):
        Screen(settings).greet(f"removing {len(removed)} old cache dirs from {folder}")


def _cache(settings: Settings) -> bool | str:
    if settings.no_cache:
        return False
    return settings.cache_dir or True


def _notice(line: str) -> None:
    click.echo(line, err=True)
