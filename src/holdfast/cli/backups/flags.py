"""Options that the verbs about backups share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from holdfast.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

selector = click.option(
    "-l", "--selector", default="", help="Only objects with these labels: app=web,tier!=test."
)
status = click.option("--status", is_flag=True, help="Compare the status of objects, too.")
of_documents = click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "yaml"]),
    default="text",
    show_default=True,
    help="Form of the answer.",
)


def located(function: FC) -> FC:
    """`--location` and `--velero-namespace`."""
    where = click.option(
        "--location",
        default="",
        envvar="HOLDFAST_LOCATION",
        show_envvar=True,
        help="Where the backups are: s3://bucket/prefix, file:/folder, or the name of a location of the cluster; "
        "the cluster's default location if not given.",
    )
    return where(options.velero_namespace(function))
