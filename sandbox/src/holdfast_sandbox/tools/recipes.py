"""What is built: Go modules whose go.mod and go.sum are checked in, and the programs taken from each.

A program is an import path; nothing here runs anything. The modules name more tools than are built.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from holdfast_sandbox.tools import caching

KUBERNETES = "1.36.1"
VELERO = "1.18.2"
CSI_SPEC = "github.com/container-storage-interface/spec"
SNAPSHOTTER = "github.com/kubernetes-csi/external-snapshotter"
SNAPSHOT_CLIENT = f"{SNAPSHOTTER}/client/v8"

_MAJOR, _MINOR, _ = KUBERNETES.split(".")
_STAMPS = (
    f"-X k8s.io/component-base/version.gitVersion=v{KUBERNETES}",
    f"-X k8s.io/component-base/version.gitMajor={_MAJOR}",
    f"-X k8s.io/component-base/version.gitMinor={_MINOR}",
    f"-X k8s.io/client-go/pkg/version.gitVersion=v{KUBERNETES}",
)


@dataclass(frozen=True)
class Recipe:
    """The programs of one Go module."""

    module: str
    programs: Mapping[str, str]
    stamps: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of `go build`."""
        tags = ("-tags", ",".join(self.tags)) if self.tags else ()
        return ("-trimpath", *tags, "-ldflags", " ".join(("-s", "-w", *self.stamps)))

    @property
    def key(self) -> str:
        """Changes whenever another binary would come out."""
        return caching.key_of([*module_files(self.module).values(), *self.flags, *self.programs.values()])

    @property
    def go_version(self) -> tuple[int, ...]:
        """The oldest Go that the module accepts."""
        text = module_files(self.module)["go.mod"].decode()
        found = re.search(r"^go (\S+)$", text, re.MULTILINE)
        return version(found[1]) if found else (1,)


def version(text: str) -> tuple[int, ...]:
    """`go1.26.8` and `1.26.0` as comparable numbers; what follows (`rc1`, `-custom`) is dropped."""
    found = re.match(r"(?:go)?(\d+(?:\.\d+)*)", text)
    return tuple(int(number) for number in found[1].split(".")) if found else ()


def module_files(module: str) -> dict[str, bytes]:
    """go.mod and go.sum of a module, by name."""
    folder = resources.files("holdfast_sandbox") / "gomods" / module
    return {name: (folder / name).read_bytes() for name in ("go.mod", "go.sum")}


def unpack(module: str, target: Path) -> None:
    """Write the module's go.mod and go.sum, so that `go` can run there."""
    for name, content in module_files(module).items():
        (target / name).write_bytes(content)


RECIPES = (
    Recipe(
        "kube",
        {
            "etcd": "go.etcd.io/etcd/server/v3",
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl",
        },
        _STAMPS,
    ),
    Recipe(
        "csi",
        {
            "csi-provisioner": "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner",
            "csi-sanity": "github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity",
            "csi-snapshotter": f"{SNAPSHOTTER}/v8/cmd/csi-snapshotter",
            "snapshot-controller": f"{SNAPSHOTTER}/v8/cmd/snapshot-controller",
        },
    ),
    Recipe("misc", {"versitygw": "github.com/versity/versitygw/cmd/versitygw"}),
)

NODE = Recipe("kube", {"kubelet": "k8s.io/kubernetes/cmd/kubelet"}, _STAMPS)
"""What a node needs beside: of the same module, but built only where a node is wanted."""

PEERS = (
    *(
        Recipe(f"restic-{version}", {f"restic-{version}": "github.com/restic/restic/cmd/restic"})
        for version in ("0.14.0", "0.18.0", "0.19.1")
    ),
    Recipe("rest-server", {"rest-server": "github.com/restic/rest-server/cmd/rest-server"}),
    Recipe("misc", {"helm": "helm.sh/helm/v4/cmd/helm"}),
    Recipe(
        "prometheus",
        {"promtool": "github.com/prometheus/prometheus/cmd/promtool"},
        tags=("remove_all_sd",),
    ),
    Recipe(
        "velero",
        {
            "velero": "github.com/vmware-tanzu/velero/cmd/velero",
            "velero-plugin-for-aws": "github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws",
        },
        (f"-X github.com/vmware-tanzu/velero/pkg/buildinfo.Version=v{VELERO}",),
    ),
)
"""Other people's programs that a product is tried against; no cluster needs them."""
