"""Where a sandbox keeps what, and what it remembers between two starts.

The directory holds everything that outlives a stop: certificates, kubeconfig, etcd's data, volumes, buckets,
logs. Sockets live in a short-named directory of their own, because a socket's path has at most 107 bytes.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

NETWORKS = 250  # clusters with a node side by side


@dataclass(frozen=True)
class Settings:
    """What the processes of one sandbox agree on.

    Ports are on 127.0.0.1, and 0 means not chosen yet. With a node they are on `machine`, which only this computer
    reaches; `network` is the number from which all addresses of a cluster with a node are made.
    """

    runtime: str = ""
    api_port: int = 0
    s3_port: int = 0
    s3_access_key: str = field(default_factory=lambda: secrets.token_hex(8))
    s3_secret_key: str = field(default_factory=lambda: secrets.token_hex(16))
    paper_node: bool = True
    node: bool = False
    topology: bool = False
    network: int = field(default_factory=lambda: 1 + secrets.randbelow(NETWORKS))

    @property
    def host(self) -> str:
        """Where the API server and S3 listen."""
        return self.machine if self.node else "127.0.0.1"

    @property
    def machine(self) -> str:
        """The address of a cluster with a node."""
        return f"10.201.{self.network}.2"

    @property
    def gateway(self) -> str:
        """The address of this computer, as such a cluster sees it."""
        return f"10.201.{self.network}.1"

    @property
    def pods(self) -> str:
        """The network of its pods."""
        return f"10.244.{self.network}.0/24"

    @property
    def service(self) -> str:
        """The address of the Service `kubernetes`."""
        return "10.96.0.1"


@dataclass(frozen=True)
class Layout:
    """Paths below a sandbox's directory (absolute)."""

    directory: Path

    @property
    def kubeconfig(self) -> Path:
        return self.directory / "admin.kubeconfig"

    @property
    def pki(self) -> Path:
        return self.directory / "pki"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def etcd(self) -> Path:
        return self.directory / "etcd"

    @property
    def csi(self) -> Path:
        return self.directory / "csi"

    @property
    def mounts(self) -> Path:
        """With a node, a folder for each volume with a file system, where the cluster's namespaces have it."""
        return self.csi / "mounts"

    @property
    def node(self) -> Path:
        """What kubelet and containerd keep."""
        return self.directory / "node"

    @property
    def buckets(self) -> Path:
        return self.directory / "buckets"

    @property
    def lock(self) -> Path:
        """Locked as long as a supervisor works on the directory."""
        return self.directory / ".lock"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def user_kubeconfig(self, user: str) -> Path:
        """Credentials of one component."""
        return self.pki / f"{user}.kubeconfig"

    def prepare(self) -> None:
        """Make the directories that are missing."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.pki, self.logs, self.etcd, self.csi, self.buckets):
            path.mkdir(exist_ok=True)

    def load(self) -> Settings:
        """What was saved last, or new settings."""
        file = self.directory / "sandbox.json"
        return Settings(**json.loads(file.read_text())) if file.exists() else Settings()

    def save(self, settings: Settings) -> None:
        partial = self.directory / ".sandbox.json"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(asdict(settings), indent=2) + "\n")
        partial.replace(self.directory / "sandbox.json")


@dataclass(frozen=True)
class Sockets:
    """Unix sockets of a running sandbox, in a directory only its user may enter."""

    runtime: Path

    @property
    def control(self) -> Path:
        """The supervisor answers here."""
        return self.runtime / "control"

    @property
    def csi(self) -> Path:
        return self.runtime / "csi"

    @property
    def containerd(self) -> Path:
        return self.runtime / "containerd"

    @property
    def machine(self) -> Path:
        """The pid of the process that is process 1 of a cluster with a node."""
        return self.runtime / "machine"

    @property
    def faults(self) -> Path:
        """The CSI driver takes orders here."""
        return self.runtime / "faults"

    @property
    def etcd(self) -> Path:
        return self.runtime / "etcd:1"
