"""Velero's flags that say what comes back from a backup, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from holdfast.cli.backups.filtering import CommonFlags, common, with_lists

if TYPE_CHECKING:
    from collections.abc import Callable

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")


class RestoringFlags(CommonFlags):
    """What comes back, and how."""

    namespace_mappings: tuple[str, ...]
    storage_class_mappings: tuple[str, ...]
    existing_resource_policy: str
    on_conflict: tuple[str, ...]
    preserve_nodeports: bool
    allow_missing_volumes: bool


_LISTS = {
    "--include-namespaces": "Only these namespaces of the backup; names and patterns (shop,team-*).",
    "--exclude-namespaces": "Not these namespaces.",
    "--include-resources": "Only these kinds (deployments,secrets).",
    "--exclude-resources": "Not these kinds.",
    "--namespace-mappings": "Namespaces under other names: shop:shop-copy.",
    "--storage-class-mappings": "Storage classes under other names: old:new.",
    "--on-conflict": "What to do with objects of a kind that exist and differ (skip, patch, replace, recreate): "
    "configmaps=replace.",
}


def wanted(function: FC) -> FC:
    """All of them."""
    for option in reversed(_OTHERS):
        function = option(function)
    return common(with_lists(_LISTS, function))


_OTHERS = (
    click.option(
        "--existing-resource-policy",
        type=click.Choice(["none", "update"]),
        default="none",
        show_default=True,
        help="Objects that exist and differ: leave them, or make them what was saved.",
    ),
    click.option(
        "--preserve-nodeports",
        type=bool,
        is_flag=False,
        flag_value="true",
        default=False,
        help="Keep the ports of nodes that the API server had chosen; those asked for by number always stay.",
    ),
    click.option(
        "--allow-missing-volumes",
        is_flag=True,
        help="Restore although volumes cannot be read; their claims, and the pods that use them, wait.",
    ),
)
