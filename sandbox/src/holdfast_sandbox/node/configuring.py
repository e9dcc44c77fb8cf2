"""The files that containerd, its network plugins and the kubelet are configured by."""

import json
from pathlib import Path

import yaml

from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.node import cgroups

NAME = "node1"
PAUSE = "localhost/pause:1"
REGISTRY = Path("/var/lib/kubelet/plugins_registry")
_DISK = ("nodefs.available", "imagefs.available", "nodefs.inodesFree", "imagefs.inodesFree")
_IDLE = ("btrfs", "zfs", "devmapper", "aufs")


def write(layout: Layout, settings: Settings, packages: Path) -> None:
    """Write them all anew."""
    (layout.node / "cni").mkdir(parents=True, exist_ok=True)
    (layout.node / "cni" / "10-pods.conflist").write_text(_network(settings))
    (layout.node / "containerd.toml").write_text(_containerd(layout, packages))
    (layout.node / "kubelet.yaml").write_text(yaml.safe_dump(_kubelet(layout, settings)))


def _network(settings: Settings) -> str:
    addresses = {
        "type": "host-local",
        "dataDir": "/run/cni",
        "ranges": [[{"subnet": settings.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": addresses}
    return json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}, indent=1)


def _containerd(layout: Layout, packages: Path) -> str:
    idle = ", ".join(f'"io.containerd.snapshotter.v1.{name}"' for name in _IDLE)
    return f"""version = 2
oom_score = 0
disabled_plugins = [{idle}, "io.containerd.internal.v1.opt"]
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{packages}/usr/lib/cni"
conf_dir = "{layout.node}/cni"
"""


def _kubelet(layout: Layout, settings: Settings) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix://{Sockets(Path(settings.runtime)).containerd}",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{layout.pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{layout.pki}/apiserver.crt",
        "tlsPrivateKeyFile": f"{layout.pki}/apiserver.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.name(settings.network)}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "maxOpenFiles": 20000,
        "oomScoreAdj": 0,
        "enforceNodeAllocatable": [],
        "makeIPTablesUtilChains": False,
        "featureGates": {"KubeletInUserNamespace": True},
        "evictionHard": {"memory.available": "1Mi"} | dict.fromkeys(_DISK, "0%"),
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "nodeStatusUpdateFrequency": "2s",
        "kubeAPIQPS": 300,
        "kubeAPIBurst": 600,
        "clusterDNS": [settings.service],
        "clusterDomain": "cluster.local",
    }
