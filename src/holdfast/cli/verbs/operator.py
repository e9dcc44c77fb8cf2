"""`holdfast operator`."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        # In the cluster `holdfast install` starts it. Here, with the rights of the kubeconfig, to look at it:
        holdfast operator --no-election --log-format console
    """
)
@options.velero_namespace
@click.option("--identity", help="Name in the Lease and the logs; the host's name if it is not given.")
@click.option("--no-election", is_flag=True, help="Act without being elected; a Lease only saves work.")
@click.option("--health-address", metavar="HOST:PORT", help="Where to serve /healthz, /readyz and /metrics.")
@click.option(
    "--reached-at",
    metavar="URL",
    help="How others reach these pages: files of locations that are folders are read there.",
)
@click.option("--log-format", type=click.Choice(["json", "console"]), default="console", show_default=True)
@click.option(
    "--image", help="Image for pods that check checksums of a drill; the one of this version if not given."
)
@click.option(
    "--workers", type=click.IntRange(1), default=4, show_default=True, help="Objects worked on at once."
)
@click.option(
    "--concurrent-backups",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Backups made at once; never two of one namespace.",
)
def command(
    target: Target,
    *,
    velero_namespace: str,
    identity: str | None,
    no_election: bool,
    health_address: str | None,
    reached_at: str | None,
    log_format: str,
    image: str | None,
    workers: int,
    concurrent_backups: int,
) -> None:
    """Run the operator.

    It runs until SIGTERM or Ctrl-C. -n names the namespace of its Lease, holdfast-system if it is not given.
    """
    from holdfast.operator.manifests import Settings
    from holdfast.operator.running import Options, run

    started = Options(
        namespace=target.namespace or Settings().namespace,
        velero_namespace=velero_namespace,
        identity=identity or platform.node(),
        image=image or Settings().image,
        kubeconfig=target.kubeconfig,
        context=target.context,
        election=not no_election,
        health_address=health_address,
        reached_at=reached_at,
        log_format=log_format,
        workers=workers,
        concurrent_backups=concurrent_backups,
    )
    run(started)
