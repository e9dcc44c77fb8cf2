"""`holdfast repo check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.checked import CheckFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo check
        $ holdfast repo check --read-data
        # A tenth of the data, a different one each time
        $ holdfast repo check --read-data-subset 10%
    """
)
@click.argument("ids", nargs=-1, metavar="[SNAPSHOT] ...")
@click.option("--read-data", is_flag=True, help="Read and prove everything that is stored.")
@click.option("--read-data-subset", metavar="SUBSET", help="Only a part: 1/5, 10% or 500M.")
@click.option("--with-cache", is_flag=True, help="Trust the local copies.")
@click.option("--check-unused", is_flag=True, hidden=True)
@snapshot_filter
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    **flags: Unpack[CheckFlags],
) -> None:
    """Prove that a repository is whole.

    Index, packs, snapshots and folders; with --read-data the contents, too. The exit code is 1 when anything is
    damaged or missing, and each finding names it.
    """
    from holdfast.cli.repo.checked import check
    from holdfast.cli.repo.selecting import selection

    check(settings, ids, flags, selection(settings, hosts, tags, paths))
