"""CustomResourceDefinitions, generated from the typed kinds.

`python -m holdfast.api.crds` writes them into the chart; a test fails when the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.api import drills, groups, policies, restores
from holdfast.api.resource import (
    RESTORE_DRILLS,
    SNAPSHOT_GROUPS,
    SNAPSHOT_POLICIES,
    VOLUME_RESTORES,
    Resource,
)
from holdfast.api.schemas import schema_of

if TYPE_CHECKING:
    from holdfast.api.meta import View

Manifest = dict[str, Any]
DEPLOYED = Path(__file__).parents[3] / "charts" / "holdfast" / "files" / "crds"


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column of `kubectl get`."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False

    def manifest(self) -> Manifest:
        return {"name": self.name, "type": self.type, "jsonPath": self.path} | (
            {"priority": 1} if self.wide else {}
        )


@dataclass(frozen=True, slots=True)
class Definition:
    """What a CustomResourceDefinition says of one kind."""

    resource: Resource
    spec: type[View]
    status: type[View]
    description: str
    columns: tuple[Column, ...]
    versions: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    """Required fields of the spec that nobody can change."""

    def manifest(self) -> Manifest:
        r = self.resource
        singular = r.kind.lower()
        names = {"kind": r.kind, "listKind": f"{r.kind}List", "plural": r.plural, "singular": singular}
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{r.plural}.{r.group}"},
            "spec": {
                "group": r.group,
                "scope": "Namespaced" if r.namespaced else "Cluster",
                "names": names | {"shortNames": list(self.short_names), "categories": ["holdfast"]},
                "versions": [self._version(v) for v in self.versions],
            },
        }

    def _fixing(self) -> Manifest:
        message = f"cannot be changed; make another {self.resource.kind}"
        rules = [{"rule": f"self.{f} == oldSelf.{f}", "message": f"{f} {message}"} for f in self.fixed]
        return {"x-kubernetes-validations": rules} if rules else {}

    def _version(self, version: str) -> Manifest:
        schema = {
            "type": "object",
            "description": self.description,
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "spec": schema_of(self.spec) | {"description": "What is wanted."} | self._fixing(),
                "status": schema_of(self.status) | {"description": "What is."},
            },
        }
        return {
            "name": version,
            "served": True,
            "storage": version == self.resource.version,
            "schema": {"openAPIV3Schema": schema},
            "subresources": {"status": {}},
            "additionalPrinterColumns": [c.manifest() for c in self.columns],
        }


AGE = Column("Age", ".metadata.creationTimestamp", "date")

GROUPS = Definition(
    resource=SNAPSHOT_GROUPS,
    spec=groups.GroupSpec,
    status=groups.GroupStatus,
    description="Snapshots of a claim, or of claims that belong together, on a schedule; kept by tiers.",
    versions=("v1", "v1beta1"),
    short_names=("sg",),
    columns=(
        Column("Claim", ".status.claim.name"),
        Column("Ready", ".status.ready", "integer"),
        Column("Newest", ".status.newestReady", "date"),
        Column("Next", ".status.nextDue"),
        Column("State", '.status.conditions[?(@.type=="Covered")].reason'),
        Column("Oldest", ".status.oldestReady", "date", wide=True),
        Column("Restore", ".status.restore.phase", wide=True),
        Column("Message", '.status.conditions[?(@.type=="Covered")].message', wide=True),
        AGE,
    ),
)

RESTORES = Definition(
    resource=VOLUME_RESTORES,
    spec=restores.RestoreSpec,
    status=restores.RestoreStatus,
    description="The journal of one exchange of the volume behind a claim.",
    versions=("v1alpha1",),
    short_names=("vr",),
    fixed=("claimName", "snapshotName"),
    columns=(
        Column("Claim", ".spec.claimName"),
        Column("Snapshot", ".spec.snapshotName"),
        Column("Phase", ".status.phase"),
        Column("Doing", ".status.message"),
        Column("Old volume", ".status.volume.name", wide=True),
        Column("New volume", ".status.newVolume.name", wide=True),
        AGE,
    ),
)

POLICIES = Definition(
    resource=SNAPSHOT_POLICIES,
    spec=policies.PolicySpec,
    status=policies.PolicyStatus,
    description="One snapshot schedule for every claim that matches, in any namespace.",
    versions=("v1alpha1",),
    short_names=("csp",),
    columns=(
        Column("Claims", ".status.claims", "integer"),
        Column("Safe", ".status.safe", "integer"),
        Column("Accepted", '.status.conditions[?(@.type=="Accepted")].status'),
        Column("Suspended", ".spec.suspend", "boolean", wide=True),
        Column("Message", '.status.conditions[?(@.type=="Accepted")].message', wide=True),
        AGE,
    ),
)

DRILLS = Definition(
    resource=RESTORE_DRILLS,
    spec=drills.DrillSpec,
    status=drills.DrillStatus,
    description="A snapshot of a group restored on a schedule into a claim beside everything, and checked.",
    versions=("v1alpha1",),
    short_names=("rd",),
    columns=(
        Column("Group", ".spec.groupName"),
        Column("Proven", ".status.lastProven.time", "date"),
        Column("Last", ".status.history[0].result"),
        Column("Now", ".status.run.phase"),
        Column("Next", ".status.next"),
        Column("Overdue", '.status.conditions[?(@.type=="Overdue")].status'),
        Column("Snapshot", ".status.history[0].snapshot.name", wide=True),
        Column("Message", ".status.history[0].message", wide=True),
        AGE,
    ),
)

DEFINITIONS = (GROUPS, RESTORES, POLICIES, DRILLS)


def manifests() -> list[Manifest]:
    """Every CustomResourceDefinition of the product."""
    return [d.manifest() for d in DEFINITIONS]


def rendered() -> dict[str, str]:
    """The checked-in files: name to text."""
    import yaml  # noqa: PLC0415  (costs 20 ms, needed here only)

    return {
        f"{m['metadata']['name']}.yaml": yaml.safe_dump(m, sort_keys=False, width=110) for m in manifests()
    }


if __name__ == "__main__":
    DEPLOYED.mkdir(parents=True, exist_ok=True)
    for name, text in rendered().items():
        (DEPLOYED / name).write_text(text)
