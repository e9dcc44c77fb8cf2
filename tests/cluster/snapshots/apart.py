"""A cluster of its own, and its one operator, whose calls go through a proxy that counts them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.operators import Operator

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import Call, FaultProxy

HASTY = Path(__file__).parent / "hasty.py"
_OWN_AFFAIRS = {"leases", "events"}  # neither saves nor harms anybody's data


class HastyOperator(Operator):
    """The operator, with a shorter silence."""

    def _command(self) -> list[str]:
        command = super()._command()
        return [sys.executable, str(HASTY), *command[command.index("holdfast") + 1 :]]


class Apart:
    """The cluster, its administrator's client, the proxy and the operator behind it."""

    def __init__(
        self, sandbox: Sandbox, client: Client, proxy: FaultProxy, kubeconfig: Path, log: Path
    ) -> None:
        self.sandbox, self.client, self.proxy = sandbox, client, proxy
        self.operator = HastyOperator(kubeconfig, log, admin=sandbox.kubeconfig)

    def writes(self, since: int = 0, namespace: str | None = None) -> list[Call]:
        """What the operator wrote, besides its Lease and Events, after so many calls."""
        calls = self.proxy.select(Match(writes=True, namespace=namespace))
        return [c for c in calls if c.ordinal > since and c.resource not in _OWN_AFFAIRS]

    def deeds(self, since: int = 0, namespace: str | None = None) -> list[Call]:
        """Those of the writes that were more than a status of a group."""
        reports = ("snapshotgroups", "status")
        return [c for c in self.writes(since, namespace) if (c.resource, c.subresource) != reports]

    def calls(self, since: int = 0, namespace: str | None = None) -> list[Call]:
        """All that it asked of the API server about a namespace, besides Events."""
        calls = self.proxy.select(Match(namespace=namespace))
        return [c for c in calls if c.ordinal > since and c.resource not in _OWN_AFFAIRS]

    @property
    def now(self) -> int:
        """How many calls there were."""
        return len(self.proxy.calls)
