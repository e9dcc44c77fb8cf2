"""What somebody wants restored, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from holdfast.policy.including import Names
from holdfast.policy.restoring.preparing import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.policy.restoring.conflicts import OnConflict
    from holdfast.policy.selecting import Labels


@dataclass(frozen=True, slots=True)
class Order:
    """A restore that somebody wants, in Velero's terms.

    Attributes:
        name: its name, which stands in a label of every object that it makes.
        backup: the name of the backup.
        namespaces: which, as they were saved.
        resources: which kinds, as people write them.
        cluster_resources: None: cluster-wide objects only with all namespaces, and what others need.
        selectors: label selectors of which one must admit an object.
        mapping: namespaces by their old names, with the new ones.
        classes: storage classes by their old names, with the new ones.
        node_ports: whether services keep their ports on nodes.
        conflicts: what to do with objects that exist and differ, by kind as people write it; "" for all others.
        volumes: False: claims come back empty, whatever was saved of their contents.
        allow_missing_volumes: restore although volumes cannot be read; their claims wait without a volume.
    """

    name: str
    backup: str
    namespaces: Names = field(default_factory=Names)
    resources: Names = field(default_factory=Names)
    cluster_resources: bool | None = None
    selectors: tuple[Labels, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    node_ports: bool = False
    conflicts: Mapping[str, OnConflict] = field(default_factory=dict)
    volumes: bool = True
    allow_missing_volumes: bool = False

    @property
    def change(self) -> Change:
        """What happens to objects on the way."""
        return Change(self.backup, self.name, self.mapping, self.classes, self.node_ports)
