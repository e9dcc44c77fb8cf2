"""All checks, one after the other, and how they are shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from holdfast.cli import listings
from holdfast.cli.connecting import connect
from holdfast.cli.diagnosis import classes, controllers, kinds, permissions
from holdfast.cli.diagnosis.findings import Finding, Level, warn
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.operator.manifests import Settings

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


async def examine(target: Target, settings: Settings, *, output: str) -> bool:
    """Run and print every check of an installation; whether none failed."""
    async with connect(target) as cluster:
        found = await _findings(cluster, settings)
    if output == "text":
        _print(found)
    else:
        documents = [
            {"check": f.check, "level": f.level, "message": f.message, "remedy": f.remedy} for f in found
        ]
        listings.show_document({"findings": documents}, output)
    return all(finding.level != Level.FAIL for finding in found)


async def _findings(cluster: Cluster, settings: Settings) -> list[Finding]:
    return [
        *await _tried("kinds", kinds.check(cluster.client)),
        *await _tried("classes", classes.check(cluster.client)),
        *await _tried("controllers", controllers.check(cluster.client)),
        *await _tried("rights", permissions.operator(cluster.client, settings)),
        *await _tried("your rights", permissions.user(cluster)),
    ]


async def _tried(check: str, findings: Awaitable[list[Finding]]) -> list[Finding]:
    """A check that this user may not make is no verdict on the cluster."""
    try:
        return await findings
    except errors.Forbidden as error:
        return [
            warn(check, f"could not be checked: {error.message}", "Run doctor as a cluster administrator.")
        ]


def _print(found: Sequence[Finding]) -> None:
    width = max(len(finding.check) for finding in found)
    for finding in found:
        word = click.style(f"{finding.level:4}", fg=_COLOURS[finding.level], bold=True)
        click.echo(f"{word}  {finding.check:{width}}  {finding.message}")
        if finding.remedy:
            click.echo(f"{'':{width + 8}}{click.style(f'→ {finding.remedy}', dim=True)}")
    counts = [f"{sum(f.level == level for f in found)} {level}" for level in Level]
    click.echo(f"\n{', '.join(counts)}")
    sys.stdout.flush()
