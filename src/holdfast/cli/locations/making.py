"""Locations made, changed and taken away."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, TypedDict

import click

from holdfast.api import keys
from holdfast.api.velero import LOCATIONS, VELERO_BACKUPS
from holdfast.cli import confirming
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MisusedError
from holdfast.cli.listings import show_document
from holdfast.cli.locations.finding import chosen
from holdfast.cli.pairs import pairs
from holdfast.kube import errors
from holdfast.policy import durations
from holdfast.policy.labelling import label_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target

Manifest = dict[str, Any]


class LocationFlags(TypedDict):
    """What was typed about a location."""

    provider: str
    bucket: str
    prefix: str
    config: tuple[str, ...]
    credential: str
    cacert: Path | None
    default: bool
    access_mode: str
    backup_sync_period: str
    validation_frequency: str
    labels: tuple[str, ...]


async def create(
    target: Target, namespace: str, name: str, wanted: LocationFlags, *, output: str | None
) -> None:
    """Make a location; with an output only print it.

    Raises:
        MisusedError: a value cannot be read.
    """
    body = _body(namespace, name, wanted)
    if output:
        show_document(body, output)
        return
    async with connect(target) as cluster:
        await cluster.client.create(LOCATIONS, body)
        if wanted["default"]:
            await _only_default(cluster, namespace, name)
    click.echo(
        f"Location {name} is made; `holdfast backup-location get {name}` shows whether it can be used."
    )


async def change(
    target: Target, namespace: str, name: str, *, default: bool | None, credential: str, cacert: Path | None
) -> None:
    """Change what can be changed of a location.

    Raises:
        MisusedError: nothing was said, or a value cannot be read.
    """
    spec: Manifest = {} if default is None else {"default": default}
    spec |= {"credential": _credential(credential)} if credential else {}
    spec |= {"objectStorage": {"caCert": _encoded(cacert)}} if cacert else {}
    if not spec:
        raise MisusedError("What shall change?", remedy="Give --default, --credential or --cacert.")
    async with connect(target) as cluster:
        await chosen(cluster, namespace, [name])
        await cluster.client.patch(LOCATIONS, name, {"spec": spec}, namespace)
        if default:
            await _only_default(cluster, namespace, name)
    click.echo(f"Location {name} is changed.")


async def delete(target: Target, namespace: str, names: Sequence[str], *, selector: str, yes: bool) -> None:
    """Take locations away, with the objects of their backups; what lies in the stores is not touched."""
    async with connect(target) as cluster:
        found = await chosen(cluster, namespace, names, selector=selector)
        title = ", ".join(each["metadata"]["name"] for each in found)
        if not found:
            click.echo(f"No locations in namespace {namespace}.", err=True)
            return
        confirming.confirm(f"Delete locations from the cluster, not what is stored there: {title}?", yes=yes)
        for each in found:
            await _delete(cluster, each)


async def _delete(cluster: Cluster, location: Manifest) -> None:
    meta = location["metadata"]
    await cluster.client.delete(LOCATIONS, meta["name"], meta["namespace"], uid=meta["uid"])
    label = f"{keys.VELERO_LOCATION}={label_value(meta['name'])}"
    backups = (await cluster.client.list(VELERO_BACKUPS, meta["namespace"], labels=label)).items
    for backup in backups:
        own = backup["metadata"]
        try:
            await cluster.client.delete(VELERO_BACKUPS, own["name"], own["namespace"], uid=own["uid"])
        except errors.NotFound:
            continue
    click.echo(f"Location {meta['name']} is gone, with the objects of {len(backups)} backups.")


async def _only_default(cluster: Cluster, namespace: str, name: str) -> None:
    """As with Velero, another default is none from now on."""
    for each in (await cluster.client.list(LOCATIONS, namespace)).items:
        other = each["metadata"]["name"]
        if other != name and each["spec"].get("default"):
            await cluster.client.patch(LOCATIONS, other, {"spec": {"default": False}}, namespace)


def _body(namespace: str, name: str, wanted: LocationFlags) -> Manifest:
    storage = {"bucket": wanted["bucket"], "prefix": wanted["prefix"], "caCert": _encoded(wanted["cacert"])}
    spec = {
        "provider": wanted["provider"],
        "objectStorage": {key: value for key, value in storage.items() if value},
        "config": pairs(wanted["config"], "--config"),
        "credential": _credential(wanted["credential"]),
        "default": wanted["default"],
        "accessMode": wanted["access_mode"],
        "backupSyncPeriod": _length(wanted["backup_sync_period"]),
        "validationFrequency": _length(wanted["validation_frequency"]),
    }
    return {
        "apiVersion": LOCATIONS.api_version,
        "kind": LOCATIONS.kind,
        "metadata": {"name": name, "namespace": namespace, "labels": pairs(wanted["labels"], "--labels")},
        "spec": {key: value for key, value in spec.items() if value},
    }


def _credential(said: str) -> dict[str, str]:
    found = list(pairs([said], "--credential").items())
    if len(found) > 1:
        raise MisusedError("--credential names two Secrets", remedy="Write --credential SECRET=KEY.")
    return {"name": found[0][0], "key": found[0][1]} if found else {}


def _encoded(file: Path | None) -> str:
    return b64encode(file.read_bytes()).decode() if file else ""


def _length(said: str) -> str:
    """The same text, once it is known that the operator can read it."""
    if said:
        durations.read(said)
    return said
