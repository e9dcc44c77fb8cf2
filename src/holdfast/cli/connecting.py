"""From what the user said about the cluster to a client of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

import holdfast
from holdfast.api.keys import MANAGER
from holdfast.kube.access import load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.cli.options import Target


@dataclass(frozen=True, slots=True)
class Cluster:
    """An open connection, and the namespace that was meant."""

    client: Client
    namespace: str


@asynccontextmanager
async def connect(target: Target) -> AsyncIterator[Cluster]:
    """Connect to the cluster that the user meant.

    Raises:
        holdfast.kube.errors.AccessError: the kubeconfig cannot be used.
    """
    access = load_access(target.kubeconfig, target.context)
    agent = f"holdfast/{holdfast.__version__}"
    async with Client(access, user_agent=agent, field_manager=MANAGER, warn=_warn) as client:
        yield Cluster(client, target.namespace or access.namespace)


def _warn(text: str) -> None:
    click.echo(f"Warning: {text}", err=True)
