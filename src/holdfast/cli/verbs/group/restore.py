"""`holdfast group restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names, points

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        # What would happen, and what is in the way
        $ holdfast group restore postgres-backups --to latest --dry-run
        $ holdfast group restore postgres-backups --to latest --wait
        # The application is stopped before, and started again
        $ holdfast group restore postgres-backups --to latest --quiesce auto --dry-run
        # An operator first, then what it looks after
        holdfast group restore postgres-backups --to latest --scale deployment/keeper --scale statefulset/db
        # By a snapshot's name or digits, a time, or an age
        holdfast group restore postgres-backups --to 1585945609
        holdfast group restore postgres-backups --to 2026-11-21T10:00:00Z
        holdfast group restore postgres-backups --to "2h ago"
        # Beside the claim, which stays as it is
        $ holdfast group restore postgres-backups --to latest --to-pvc postgres-old
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@click.option(
    "--to",
    "point",
    required=True,
    metavar="POINT",
    shell_complete=points,
    help="latest, a snapshot, a time, or `2h ago`.",
)
@click.option("--to-pvc", metavar="NEW", help="Into a new claim of this name; the old one is not touched.")
@click.option("--claim", help="With --to-pvc: of a group of several, the claim to make it from.")
@click.option("--storage-class", help="With --to-pvc: of the new claim, instead of the old one's.")
@click.option(
    "--keep-old-volume-for", metavar="TIME", help="How long rollback is possible; 24h if not given."
)
@click.option(
    "--skip-safety-snapshot", is_flag=True, help="Go on where no snapshot of the present state can be taken."
)
@click.option(
    "--quiesce",
    "mode",
    type=click.Choice(["auto", "list", "none"]),
    help="Scale down what uses the claim, what the group lists, or nothing; else as the group says.",
)
@click.option(
    "--scale",
    multiple=True,
    metavar="KIND/NAME",
    help="Scale this down, in the order given; back in reverse.",
)
@click.option(
    "--quiesce-timeout",
    metavar="TIME",
    help="How long to wait for quiet; 10 minutes where anything is scaled.",
)
@click.option("--dry-run", is_flag=True, help="Only look at everything that a restore needs.")
@options.wait
@options.timeout(900, "Seconds to wait with --wait; the restore goes on after them.")
@options.json_lines
async def command(
    target: Target,
    *,
    name: str,
    point: str,
    to_pvc: str | None,
    claim: str | None,
    storage_class: str | None,
    keep_old_volume_for: str | None,
    skip_safety_snapshot: bool,
    mode: str | None,
    scale: tuple[str, ...],
    quiesce_timeout: str | None,
    dry_run: bool,
    wait: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Put a claim, or a set of claims, back to an earlier point.

    The operator does it step by step and writes each step down first: a snapshot of the present state, then the
    claim is exchanged; the old volume stays for 24 hours, and rollback brings it back. Nothing is touched while pods
    use the claim: the restore waits and names them, or scales their workloads down with --quiesce auto and back up
    when the data is there.

    The claims of a set go back together: nothing is touched before all can, and what goes wrong with one brings the
    old volumes of all back.
    """
    from holdfast.cli.groups import quiescing, restoring

    if to_pvc and (keep_old_volume_for or skip_safety_snapshot):
        raise click.UsageError("--to-pvc touches no old volume: leave the options about it out.")
    if storage_class and not to_pvc:
        raise click.UsageError("A claim keeps its storage class: --storage-class is for --to-pvc.")
    if claim and not to_pvc:
        raise click.UsageError("A set is restored as a whole: --claim is for --to-pvc.")
    if to_pvc and (mode or scale or quiesce_timeout):
        raise click.UsageError("--to-pvc stops nothing: leave --quiesce and --scale out.")
    if scale and mode not in {None, "list"}:
        raise click.UsageError(f"--scale lists what to stop: it does not go with --quiesce {mode}.")
    request = restoring.Request(
        name,
        point,
        to_pvc,
        claim,
        storage_class,
        keep_old_volume_for,
        skip_safety_snapshot=skip_safety_snapshot,
        workloads=quiescing.Flags(mode, scale, quiesce_timeout),
    )
    await restoring.restore(target, request, dry_run=dry_run, wait=wait, patience=patience, as_json=as_json)
