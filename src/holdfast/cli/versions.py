"""Which versions of what are in play."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click
import msgspec

import holdfast
from holdfast.api.resource import DEPLOYMENTS
from holdfast.cli import listings
from holdfast.cli.connecting import connect
from holdfast.kube import errors
from holdfast.operator.manifests.settings import SELECTOR

if TYPE_CHECKING:
    from holdfast.cli.options import Target
    from holdfast.kube.client import Client

_PATIENCE = 5.0
"""Seconds that a cluster has to answer."""


def own() -> str:
    return holdfast.__version__


async def gather(target: Target) -> dict[str, str]:
    """Versions by part; what is not there or does not answer says so."""
    found = {"client": own()}
    try:
        async with asyncio.timeout(_PATIENCE), connect(target) as cluster:
            found["server"] = await _server(cluster.client)
            found["operator"] = await _operator(cluster.client)
    except (errors.KubeError, TimeoutError) as failure:
        found["server"] = f"not reached: {failure or 'no answer'}"
    return found


def show(found: dict[str, str], output: str) -> None:
    if output == "text":
        for part, version in found.items():
            click.echo(f"{part.capitalize() + ':':10}{version}")
    else:
        listings.show_document(found, output)


async def _server(client: Client) -> str:
    answer = msgspec.json.decode(await client.request("GET", "/version"))
    return str(answer["gitVersion"])


async def _operator(client: Client) -> str:
    wanted = ",".join(f"{key}={value}" for key, value in SELECTOR.items())
    try:
        running = (await client.list(DEPLOYMENTS, labels=wanted)).items
    except errors.Forbidden:
        return "unknown: this user may not list deployments"
    return ", ".join(sorted(map(_tag, running))) or "not installed"


def _tag(deployment: dict[str, Any]) -> str:
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    name, _, tag = image.rpartition(":")
    return f"{tag if name else image} (namespace {deployment['metadata']['namespace']})"
