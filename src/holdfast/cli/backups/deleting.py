"""Asking for backups to be deleted, and what became of that."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import click

from holdfast.api.requests import PROCESSED, DeleteBackupRequest
from holdfast.api.velero import DELETIONS, VELERO_BACKUPS, Backup
from holdfast.cli import confirming
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MissingError, UnsuccessfulError
from holdfast.cli.waiting import until
from holdfast.kube import errors
from holdfast.locations.deleting import request_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target


async def ask(
    target: Target, namespace: str, names: Sequence[str], *, selector: str, yes: bool
) -> dict[str, str]:
    """Make a request for each backup that is meant; gives the backups by their requests.

    Raises:
        MissingError: one does not exist; none is asked for then.
    """
    async with connect(target) as cluster:
        found = await _chosen(cluster, namespace, names, selector)
        if not found:
            click.echo(f"No backups in namespace {namespace}.", err=True)
            return {}
        title = ", ".join(backup.name for backup in found)
        confirming.confirm(f"Delete backups with their files: {title}?", yes=yes)
        return {await _request(cluster, backup): backup.name for backup in found}


async def followed(target: Target, namespace: str, requests: Mapping[str, str], *, patience: float) -> None:
    """Wait until each request was carried out.

    Raises:
        UnsuccessfulError: one was refused; the message says why.
        TooLateError: one was not carried out in time.
    """
    refused = []
    async with connect(target) as cluster:
        for request, backup in requests.items():

            async def end(request: str = request) -> list[str] | None:
                return await _end(cluster, namespace, request)

            said = await until(end, patience=patience, what=f"The end of backup {backup}")
            refused += [f"{backup}: {error}" for error in said]
            if not said:
                click.echo(f"Backup {backup} is gone.")
    if refused:
        raise UnsuccessfulError("; ".join(refused), remedy="Do what the message says, then ask again.")


async def _chosen(cluster: Cluster, namespace: str, names: Sequence[str], selector: str) -> list[Backup]:
    found = (await cluster.client.list(VELERO_BACKUPS, namespace, labels=selector, type=Backup)).items
    if not names:
        return found
    known = {backup.name: backup for backup in found}
    if missing := [name for name in names if name not in known]:
        raise MissingError(
            f"Namespace {namespace} has no backup {missing[0]}",
            remedy="`holdfast backup get` lists those of a location; the operator makes objects of them.",
        )
    return [known[name] for name in names]


async def _request(cluster: Cluster, backup: Backup) -> str:
    meta = backup.metadata
    name = f"{meta.name[:200]}-{secrets.token_hex(4)}"
    await cluster.client.create(DELETIONS, request_of(meta, name))
    click.echo(f"Asked for the deletion of backup {meta.name}.")
    return name


async def _end(cluster: Cluster, namespace: str, request: str) -> list[str] | None:
    """Why a request was refused; empty when it was carried out, and None while it is not over."""
    try:
        found = await cluster.client.get(DELETIONS, request, namespace, type=DeleteBackupRequest)
    except errors.NotFound:
        return []
    return found.status.errors if found.status.phase == PROCESSED else None
