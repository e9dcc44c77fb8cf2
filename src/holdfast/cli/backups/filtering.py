"""Velero's flags that say what goes into a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from holdfast.cli.errors import MisusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")


class CommonFlags(TypedDict):
    """What is said of a backup and of a restore. Lists are separated by commas, and a flag may be repeated."""

    include_namespaces: tuple[str, ...]
    exclude_namespaces: tuple[str, ...]
    include_resources: tuple[str, ...]
    exclude_resources: tuple[str, ...]
    include_cluster_resources: bool | None
    selector: str
    or_selector: str


class FilterFlags(CommonFlags):
    """What goes into a backup."""

    include_cluster_scoped_resources: tuple[str, ...]
    exclude_cluster_scoped_resources: tuple[str, ...]
    include_namespace_scoped_resources: tuple[str, ...]
    exclude_namespace_scoped_resources: tuple[str, ...]


_LISTS = {
    "--include-namespaces": "Only these namespaces; names and patterns (shop,team-*).",
    "--exclude-namespaces": "Not these namespaces.",
    "--include-resources": "Only these kinds (deployments,secrets).",
    "--exclude-resources": "Not these kinds.",
    "--include-cluster-scoped-resources": "Only these cluster-wide kinds; not with the two flags above.",
    "--exclude-cluster-scoped-resources": "Not these cluster-wide kinds; * for none.",
    "--include-namespace-scoped-resources": "Only these kinds within namespaces.",
    "--exclude-namespace-scoped-resources": "Not these kinds within namespaces.",
}


def filters(function: FC) -> FC:
    """All of them."""
    return common(with_lists(_LISTS, function))


def with_lists(texts: Mapping[str, str], function: FC) -> FC:
    """Options that may be repeated, with their help."""
    for name, text in reversed(list(texts.items())):
        function = click.option(name, multiple=True, help=text)(function)
    return function


def common(function: FC) -> FC:
    """Those that are no lists."""
    cluster = click.option(
        "--include-cluster-resources",
        type=bool,
        is_flag=False,
        flag_value="true",
        default=None,
        help="Cluster-wide objects: true, false; if not given, those that others need, and all with all namespaces.",
    )
    either = click.option(
        "--or-selector", default="", help="Objects that one of these selectors admits: 'a=b or c=d'."
    )
    both = click.option(
        "-l", "--selector", default="", help="Only objects with these labels: app=web,tier!=test."
    )
    return cluster(both(either(function)))


def chosen_selectors(flags: CommonFlags) -> list[str]:
    """The label selectors of which one has to admit an object.

    Raises:
        MisusedError: they were said in both ways.
    """
    if flags["selector"] and flags["or_selector"]:
        raise MisusedError("Both --selector and --or-selector were given", remedy="Give one of them.")
    return [flags["selector"]] if flags["selector"] else [t for t in flags["or_selector"].split(" or ") if t]
