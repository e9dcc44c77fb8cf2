"""Asking before something is removed."""

from __future__ import annotations

import sys

import click

from holdfast.cli import errors


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the user agrees.

    Raises:
        RefusedError: the user does not, or nobody is there to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise errors.RefusedError(f"{question} Nobody is there to answer.", remedy="Say --yes.")
    if not click.confirm(question, err=True):
        raise errors.RefusedError("You said no; nothing was changed.")
