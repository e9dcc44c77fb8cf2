"""The programs of a cluster and their command lines. Nothing is started here."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.node import configuring
from holdfast_sandbox.tools import Tools, packages

DRIVER = "dir.csi.holdfast.dev"
NAMES = (
    "etcd",
    "apiserver",
    "driver",
    "s3",
    "controller-manager",
    "scheduler",
    "provisioner",
    "snapshotter",
    "snapshot-controller",
)
NODE_NAMES = ("containerd", "kubelet")


@dataclass(frozen=True)
class Component:
    """One supervised program."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None


def components(layout: Layout, settings: Settings, tools: Tools) -> dict[str, Component]:
    """All of them by name, in the order of `NAMES`, then of `NODE_NAMES` where there is a node."""
    sockets, programs = Sockets(Path(settings.runtime)), tools.programs
    made = (
        _etcd(layout, sockets, programs),
        _apiserver(layout, settings, sockets, programs),
        _driver(layout, settings, sockets),
        _s3(layout, settings, programs),
        _controller_manager(layout, settings, programs),
        _scheduler(layout, programs),
        *_sidecars(layout, settings, sockets, programs),
        *(_node(layout, settings, sockets, tools) if settings.node else ()),
    )
    return {component.name: component for component in made}


def _etcd(layout: Layout, sockets: Sockets, programs: Mapping[str, Path]) -> Component:
    # etcd wants host:port even for unix sockets, and takes it as a file name in its working directory
    client, peer = f"unix://{sockets.etcd.name}", "unix://peer:1"
    return Component(
        "etcd",
        (
            str(programs["etcd"]),
            f"--data-dir={layout.etcd}",
            "--name=sandbox",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=sandbox={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
        directory=sockets.runtime,
    )


def _apiserver(
    layout: Layout, settings: Settings, sockets: Sockets, programs: Mapping[str, Path]
) -> Component:
    service_accounts = layout.pki / "service-accounts.key"
    return Component(
        "apiserver",
        (
            str(programs["kube-apiserver"]),
            f"--etcd-servers=unix://{sockets.etcd}",
            f"--bind-address={'0.0.0.0' if settings.node else settings.host}",  # noqa: S104  of its own network
            f"--secure-port={settings.api_port}",
            f"--advertise-address={settings.host}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={layout.pki}/apiserver.crt",
            f"--tls-private-key-file={layout.pki}/apiserver.key",
            f"--client-ca-file={layout.pki}/ca.crt",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={service_accounts}",
            f"--service-account-signing-key-file={service_accounts}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            f"--kubelet-client-certificate={layout.pki}/admin.crt",
            f"--kubelet-client-key={layout.pki}/admin.key",
            f"--kubelet-certificate-authority={layout.pki}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
        ),
    )


def _driver(layout: Layout, settings: Settings, sockets: Sockets) -> Component:
    module = (sys.executable, "-P", "-m", "holdfast_sandbox.driver")
    paths = ("--socket", str(sockets.csi), "--root", str(layout.csi), "--control", str(sockets.faults))
    apart = ("--topology",) if settings.topology else ()
    return Component("driver", (*module, *paths, *(_ON_NODE if settings.node else ()), *apart))


_ON_NODE = ("--node", configuring.NAME, "--registry", f"{configuring.REGISTRY}", "--images")


def _s3(layout: Layout, settings: Settings, programs: Mapping[str, Path]) -> Component:
    listening = ("--port", f"{settings.host}:{settings.s3_port}", "--quiet")
    keys = {"ROOT_ACCESS_KEY": settings.s3_access_key, "ROOT_SECRET_KEY": settings.s3_secret_key}
    return Component("s3", (str(programs["versitygw"]), *listening, "posix", str(layout.buckets)), keys)


def _controller_manager(layout: Layout, settings: Settings, programs: Mapping[str, Path]) -> Component:
    # a paper node sends no heartbeats
    patience = () if settings.node else ("--node-monitor-grace-period=240h",)
    return Component(
        "controller-manager",
        (
            str(programs["kube-controller-manager"]),
            f"--kubeconfig={layout.user_kubeconfig('system:kube-controller-manager')}",
            f"--service-account-private-key-file={layout.pki}/service-accounts.key",
            f"--root-ca-file={layout.pki}/ca.crt",
            f"--cluster-signing-cert-file={layout.pki}/ca.crt",
            f"--cluster-signing-key-file={layout.pki}/ca.key",
            "--use-service-account-credentials",
            *patience,
            *_UNHURRIED,
        ),
    )


def _scheduler(layout: Layout, programs: Mapping[str, Path]) -> Component:
    config = f"--kubeconfig={layout.user_kubeconfig('system:kube-scheduler')}"
    return Component("scheduler", (str(programs["kube-scheduler"]), config, *_UNHURRIED))


_UNHURRIED = ("--leader-elect=false", "--secure-port=0", "--kube-api-qps=300", "--kube-api-burst=600")
_GROUPS = "--feature-gates=CSIVolumeGroupSnapshot=true"


def _sidecars(
    layout: Layout, settings: Settings, sockets: Sockets, programs: Mapping[str, Path]
) -> tuple[Component, ...]:
    def sidecar(name: str, program: str, *flags: str) -> Component:
        common = (
            f"--kubeconfig={layout.user_kubeconfig(name)}",
            "--leader-election=false",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--retry-interval-start=200ms",
            "--retry-interval-max=5s",
        )
        return Component(name, (str(programs[program]), *common, *flags))

    address = f"--csi-address={sockets.csi}"
    strict = ("--strict-topology",) if settings.topology else ()
    return (
        sidecar("provisioner", "csi-provisioner", address, "--extra-create-metadata", *strict),
        sidecar("snapshotter", "csi-snapshotter", address, _GROUPS),
        sidecar("snapshot-controller", "snapshot-controller", _GROUPS),
    )


def _node(layout: Layout, settings: Settings, sockets: Sockets, tools: Tools) -> tuple[Component, Component]:
    unpacked = packages.ensure()
    environment = {
        "PATH": f"{unpacked}/usr/bin:{unpacked}/usr/sbin:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(packages.libraries(unpacked)),
    }
    config = f"--config={layout.node}/containerd.toml"
    containerd = (str(unpacked / "usr/bin/containerd"), config, f"--address={sockets.containerd}")
    kubelet = (
        str(tools.programs["kubelet"]),
        f"--config={layout.node}/kubelet.yaml",
        f"--kubeconfig={layout.user_kubeconfig(f'system:node:{configuring.NAME}')}",
        f"--hostname-override={configuring.NAME}",
        f"--node-ip={settings.machine}",
    )
    return Component("containerd", containerd, environment), Component("kubelet", kubelet)
