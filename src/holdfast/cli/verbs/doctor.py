"""`holdfast doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        holdfast doctor
        # Only what is wrong
        holdfast doctor -o json | jq '.findings[] | select(.level != "OK")'
    """
)
@click.option("--operator-namespace", help="Namespace of the operator, holdfast-system if it is not given.")
@options.velero_namespace
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True
)
async def command(
    target: Target, *, operator_namespace: str | None, velero_namespace: str, output: str
) -> None:
    """Check that the cluster can snapshot and restore volumes.

    Looks at the kinds, the snapshot controller, drivers and their snapshot classes, the operator and its rights, a
    live Gemini, and your own rights. Each finding is OK, WARN or FAIL, with what to do about it. The exit code is 1
    when something is FAIL, otherwise 0.
    """
    from dataclasses import replace

    from holdfast.cli.diagnosis.examining import examine
    from holdfast.operator.manifests import Settings

    settings = Settings(velero_namespace=velero_namespace)
    if operator_namespace:
        settings = replace(settings, namespace=operator_namespace)
    if not await examine(target, settings, output=output):
        raise click.exceptions.Exit(1)
