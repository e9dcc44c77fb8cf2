"""The programs of a cluster and their command lines. Nothing is started here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdfast_sandbox.layout import Layout, Settings, Sockets

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


@dataclass(frozen=True)
class Component:
    """One supervised program."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None


def components(layout: Layout, settings: Settings, programs: Mapping[str, Path]) -> dict[str, Component]:
    """All of them by name, in the order of `NAMES`."""
    sockets = Sockets(Path(settings.runtime))
    made = (
        _etcd(layout, sockets, programs),
        _apiserver(layout, settings, sockets, programs),
        _driver(layout, sockets),
        _s3(layout, settings, programs),
        _controller_manager(layout, programs),
        _scheduler(layout, programs),
        *_sidecars(layout, sockets, programs),
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
            "--bind-address=127.0.0.1",
            f"--secure-port={settings.api_port}",
            "--advertise-address=127.0.0.1",
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
        ),
    )


def _driver(layout: Layout, sockets: Sockets) -> Component:
    module = (sys.executable, "-P", "-m", "holdfast_sandbox.driver")
    paths = ("--socket", str(sockets.csi), "--root", str(layout.csi), "--control", str(sockets.faults))
    return Component("driver", (*module, *paths))


def _s3(layout: Layout, settings: Settings, programs: Mapping[str, Path]) -> Component:
    listening = ("--port", f"127.0.0.1:{settings.s3_port}", "--quiet")
    keys = {"ROOT_ACCESS_KEY": settings.s3_access_key, "ROOT_SECRET_KEY": settings.s3_secret_key}
    return Component("s3", (str(programs["versitygw"]), *listening, "posix", str(layout.buckets)), keys)


def _controller_manager(layout: Layout, programs: Mapping[str, Path]) -> Component:
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
            "--node-monitor-grace-period=240h",  # a paper node sends no heartbeats
            *_UNHURRIED,
        ),
    )


def _scheduler(layout: Layout, programs: Mapping[str, Path]) -> Component:
    config = f"--kubeconfig={layout.user_kubeconfig('system:kube-scheduler')}"
    return Component("scheduler", (str(programs["kube-scheduler"]), config, *_UNHURRIED))


_UNHURRIED = ("--leader-elect=false", "--secure-port=0", "--kube-api-qps=300", "--kube-api-burst=600")
_GROUPS = "--feature-gates=CSIVolumeGroupSnapshot=true"


def _sidecars(layout: Layout, sockets: Sockets, programs: Mapping[str, Path]) -> tuple[Component, ...]:
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
    return (
        sidecar("provisioner", "csi-provisioner", address, "--extra-create-metadata"),
        sidecar("snapshotter", "csi-snapshotter", address, _GROUPS),
        sidecar("snapshot-controller", "snapshot-controller", _GROUPS),
    )
