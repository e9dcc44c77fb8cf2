"""`holdfast repo backup`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.saving import BackupFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo backup ~/documents
        $ holdfast repo backup ~/documents --exclude '*.tmp' --tag nightly
        # Only what would be saved
        $ holdfast repo backup ~/documents --dry-run -vv
        # The output of a program
        $ holdfast repo backup --stdin-filename numbers.txt --stdin-from-command -- seq 1000
    """
)
@click.argument("targets", nargs=-1, metavar="[FILE/DIR] ...")
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be saved.")
@click.option("-e", "--exclude", multiple=True, metavar="PATTERN", help="Leave out what fits.")
@click.option("--iexclude", multiple=True, metavar="PATTERN", help="The same, upper and lower case alike.")
@click.option("--exclude-file", multiple=True, metavar="FILE", help="Patterns from a file.")
@click.option("--iexclude-file", multiple=True, metavar="FILE", help="The same, ignoring case.")
@click.option("--exclude-if-present", multiple=True, metavar="NAME[:HEADER]", help="Leave out such folders.")
@click.option("--exclude-caches", is_flag=True, help="Leave out folders with a CACHEDIR.TAG.")
@click.option("--exclude-larger-than", metavar="SIZE", help="Leave out larger files, such as 100M.")
@click.option("-x", "--one-file-system", is_flag=True, help="Stay on the file systems of the sources.")
@click.option("--files-from", multiple=True, metavar="FILE", help="Sources from a file, as globs.")
@click.option("--files-from-verbatim", multiple=True, metavar="FILE", help="Sources, a line each.")
@click.option("--files-from-raw", multiple=True, metavar="FILE", help="Sources, each ended by a zero byte.")
@click.option("--stdin", is_flag=True, help="Save standard input.")
@click.option("--stdin-filename", default="stdin", show_default=True, help="Its name in the snapshot.")
@click.option("--stdin-from-command", is_flag=True, help="Save what the command in the arguments prints.")
@click.option("--tag", "tags", multiple=True, metavar="TAG[,TAG,…]", help="Tags of the snapshot.")
@click.option("-H", "--host", help="Host of the snapshot (default: $RESTIC_HOST or this machine).")
@click.option("--time", metavar="TIME", help="Time of the snapshot, as 2012-11-01 22:08:41.")
@click.option("--parent", metavar="SNAPSHOT", help="Compare with this one.")
@click.option(
    "-g", "--group-by", default="host,paths", show_default=True, help="What a parent has in common."
)
@click.option("-f", "--force", is_flag=True, help="Read everything again.")
@click.option("--skip-if-unchanged", is_flag=True, help="No snapshot when nothing has changed.")
@click.option("--ignore-inode", is_flag=True, help="Another inode or ctime is no change.")
@click.option("--ignore-ctime", is_flag=True, help="Another ctime is no change.")
@click.option("--with-atime", is_flag=True, help="Save times of last access.")
@click.option(
    "--read-concurrency",
    type=click.IntRange(min=0),
    help="Files read at the same time (default: $RESTIC_READ_CONCURRENCY or the number of cores).",
)
@click.option("--no-scan", is_flag=True, help="Accepted: there is no second walk that could be saved.")
def command(settings: Settings, **flags: Unpack[BackupFlags]) -> None:
    """Save files and folders.

    What is in the repository already is not stored again. The exit code is 3 when some sources could not be read;
    the rest is saved.
    """
    from holdfast.cli.repo.saving import save

    save(settings, flags)
