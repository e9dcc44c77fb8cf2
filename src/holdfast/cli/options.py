"""Options that many verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from holdfast.api.keys import VELERO_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

FORMATS = ("table", "wide", "json", "yaml", "name")


@dataclass(frozen=True, slots=True)
class Target:
    """Which cluster and namespace the user named; None: what the kubeconfig says."""

    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str | None = None


def cluster_options() -> list[click.Parameter]:
    """Options that name the cluster; accepted before the noun and after the verb."""
    return [
        click.Option(
            ["--kubeconfig"],
            type=click.Path(path_type=Path),
            help="File with the access to the cluster, instead of $KUBECONFIG or ~/.kube/config.",
        ),
        click.Option(["--context"], help="Context of the kubeconfig, instead of its current one."),
        click.Option(
            ["-n", "--namespace"], help="Namespace, instead of the context's.", shell_complete=_namespaces
        ),
    ]


def _namespaces(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from holdfast.api.resource import NAMESPACES
    from holdfast.cli.completing import names

    return names(NAMESPACES)(ctx, param, incomplete)


def target_of(context: click.Context) -> Target:
    """What was said about the cluster, nearest to the verb first; takes the values out of the verb's own."""
    names = ("kubeconfig", "context", "namespace")
    own = {name: context.params.pop(name, None) for name in names}
    root: dict[str, Any] = context.find_root().params
    return Target(**{name: own[name] if own[name] is not None else root.get(name) for name in names})


output = click.option(
    "-o",
    "--output",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Form of the listing.",
)
all_namespaces = click.option("-A", "--all-namespaces", is_flag=True, help="Of all namespaces.")
json_lines = click.option(
    "--json", "as_json", is_flag=True, help="Progress as one JSON object a line, for programs."
)
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
velero_namespace = click.option(
    "--velero-namespace",
    default=VELERO_NAMESPACE,
    show_default=True,
    envvar="VELERO_NAMESPACE",
    show_envvar=True,
    help="Namespace of Velero's objects: locations, backups, schedules.",
)
wait = click.option("--wait", is_flag=True, help="Wait until it is done.")
yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def timeout(default: float, what: str) -> Callable[[FC], FC]:
    """`--timeout`, in seconds."""
    return click.option("--timeout", "patience", type=float, default=default, show_default=True, help=what)
