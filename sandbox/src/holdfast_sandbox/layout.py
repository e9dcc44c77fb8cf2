"""Where a sandbox keeps what, and what it remembers between two starts.

The directory holds everything that outlives a stop: certificates, kubeconfig, etcd's data, volumes, buckets,
logs. Sockets live in a short-named directory of their own, because a socket's path has at most 107 bytes.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What the processes of one sandbox agree on. Ports are on 127.0.0.1; 0 means not chosen yet."""

    runtime: str = ""
    api_port: int = 0
    s3_port: int = 0
    s3_access_key: str = field(default_factory=lambda: secrets.token_hex(8))
    s3_secret_key: str = field(default_factory=lambda: secrets.token_hex(16))
    paper_node: bool = True


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
    def faults(self) -> Path:
        """The CSI driver takes orders here."""
        return self.runtime / "faults"

    @property
    def etcd(self) -> Path:
        return self.runtime / "etcd:1"
