"""What `install` and `uninstall` do and say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import CRDS
from holdfast.cli import confirming, errors, listings
from holdfast.cli.connecting import connect
from holdfast.cli.reporting import reporter
from holdfast.operator import installing, manifests, taking_over, uninstalling
from holdfast.operator.manifests import Settings

if TYPE_CHECKING:
    from holdfast.cli.options import Target
    from holdfast.operator.manifests import Manifest

_TENSE = {
    "created": "would be created",
    "changed": "would be changed",
    "unchanged": "unchanged",
    "removed": "would be removed",
}


def settings(target: Target, image: str | None, velero_namespace: str, *, restores: bool = False) -> Settings:
    """What was asked for, on top of the defaults."""
    given = {"namespace": target.namespace, "image": image, "velero_namespace": velero_namespace}
    return Settings(**{key: value for key, value in given.items() if value}, restores=restores)


def show(chosen: Settings, output: str) -> None:
    """Print the objects without asking any cluster."""
    objects = manifests.installation(chosen)
    if output == "yaml":
        click.echo("---\n".join(map(listings.to_yaml, objects)), nl=False)
    else:
        listings.show_document({"apiVersion": "v1", "kind": "List", "items": objects}, output)


async def install(
    target: Target,
    chosen: Settings,
    *,
    dry_run: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Apply everything, and wait until the kinds are served."""
    objects = manifests.installation(chosen)
    async with connect(target) as cluster:
        with reporter(as_json=as_json) as report:
            async for manifest, outcome in installing.install(cluster.client, objects, dry_run=dry_run):
                word = _TENSE[outcome] if dry_run else outcome
                report.done(f"{named(manifest)} {word}", object=named(manifest), outcome=outcome)
            if dry_run:
                return
            definitions = [o["metadata"]["name"] for o in objects if o["kind"] == CRDS.kind]
            report.waiting("waiting until the kinds are served")
            await installing.established(cluster.client, definitions, patience=patience)
            report.done("installed; `holdfast doctor` tells whether the cluster is ready for it")


async def take_over(target: Target, namespace: str, name: str, *, dry_run: bool, patience: float) -> None:
    """Stop a Velero, so that the operator does its work."""
    title = f"deployment.apps/{name}"
    async with connect(target) as cluster:
        with reporter() as report:
            replicas = await taking_over.take_over(cluster.client, namespace, name, dry_run=dry_run)
            if dry_run:
                report.done(f"{title} would be scaled from {replicas} to 0")
                return
            report.waiting("waiting until the Velero has stopped")
            await taking_over.stopped(cluster.client, namespace, name, patience=patience)
            report.done(f"{title} is stopped; `holdfast install --give-back {name}` starts it again")


async def give_back(target: Target, namespace: str, name: str, *, dry_run: bool) -> None:
    """Start a Velero again that was taken over; the operator does nothing beside it."""
    async with connect(target) as cluster:
        replicas = await taking_over.give_back(cluster.client, namespace, name, dry_run=dry_run)
    click.echo(f"deployment.apps/{name} {'would be' if dry_run else 'is'} scaled to {replicas}")


async def uninstall(
    target: Target, velero_namespace: str, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Remove what `install` brought, keeping what holds data."""
    objects = manifests.installation(settings(target, None, velero_namespace, restores=True))
    async with connect(target) as cluster:
        if running := await uninstalling.restores_under_way(cluster.client):
            raise errors.RefusedError(
                f"restores are under way and need the operator to end: {', '.join(running)}",
                remedy="Wait for them, or stop them with `holdfast group cancel`.",
            )
        if not dry_run:
            confirming.confirm(
                f"Remove the operator from this cluster ({objects[0]['metadata']['name']})?", yes=yes
            )
        with reporter(as_json=as_json) as report:
            async for manifest, kept in uninstalling.uninstall(cluster.client, objects, dry_run=dry_run):
                outcome = "kept" if kept else "removed"
                word = f"kept: {kept}" if kept else _TENSE[outcome] if dry_run else outcome
                report.done(f"{named(manifest)} {word}", object=named(manifest), outcome=outcome, reason=kept)


def named(manifest: Manifest) -> str:
    """As kubectl names an object: `deployment.apps/holdfast`."""
    resource = manifests.resource_of(manifest)
    group = f".{resource.group}" if resource.group else ""
    return f"{resource.kind.lower()}{group}/{manifest['metadata']['name']}"
