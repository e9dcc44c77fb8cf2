"""Which of several processes works, by a Lease in the cluster.

An election saves work, it guards nothing: a process that was stopped for a minute believes that it leads
when it wakes up. Safety comes from preconditions on every write that matters.

Every write of the lease carries the version that was read. Whether another holder is alive is judged by the
local monotonic clock alone: a lease has run out when it was not seen to change for as long as it says. So
the clocks of machines may differ, and a new contender waits that long before it takes over from a holder
that gave no sign.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import structlog

from holdfast.api.resource import LEASES
from holdfast.control.clocks import Clock, SystemClock, micro_time
from holdfast.control.errors import LeaseLost
from holdfast.control.pacing import jittered
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.kube.client import Client

logger = structlog.get_logger()


class Election:
    """A contender for a lease, for one run.

    Args:
        client: access to the API server.
        namespace: where the lease is.
        name: of the lease.
        identity: who is asking; a random suffix makes it unique.
        lease: seconds without a sign of life after which others may take over; whole seconds on the wire.
        renew: seconds without a successful renewal after which the leader gives up; less than `lease`.
        retry: seconds between two attempts.
        clock: for the timestamps that people read in the lease.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        identity: str,
        *,
        lease: float = 15.0,
        renew: float = 10.0,
        retry: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        if not retry < renew < lease:
            raise ValueError(f"need retry < renew < lease, got {retry} s, {renew} s, {lease} s")
        self.identity = f"{identity}_{secrets.token_hex(4)}"
        self._client = client
        self._namespace = namespace
        self._name = name
        self._lease, self._renew, self._retry = lease, renew, retry
        self._clock = clock or SystemClock()
        self._known: dict[str, Any] = {}  # the Lease as last read or written
        self._known_since = 0.0  # loop time
        self._just_written = False  # and so needs no reading before it is written again
        self._leads = asyncio.Event()
        self._stopping = asyncio.Event()
        self._logger = logger.bind(lease=f"{namespace}/{name}", identity=self.identity)

    def __str__(self) -> str:
        return f"election {self._namespace}/{self._name}"

    @property
    def leading(self) -> bool:
        """Whether this process believes that it leads."""
        return self._leads.is_set()

    async def wait_leading(self) -> None:
        """Return as soon as this process leads."""
        await self._leads.wait()

    def stop(self) -> None:
        """End `run`; a lease that is held is released, so that the next one need not wait."""
        self._stopping.set()

    async def run(self) -> None:
        """Contend, then lead, until `stop`.

        Raises:
            LeaseLost: another holds the lease, or it could not be renewed in time.
        """
        while not await self._attempt(self._renew):
            if await self._pause():
                return
        self._logger.info("leading")
        self._leads.set()
        try:
            await self._hold()
            await self._release()
        finally:
            self._leads.clear()

    async def _hold(self) -> None:
        """Renew until `stop`."""
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while not await self._pause():
            begun = loop.time()
            left = renewed + self._renew - begun
            if left > 0 and await self._attempt(left):
                renewed = begun
            elif (holder := self._holder()) != self.identity:
                raise LeaseLost(f"lease {self._namespace}/{self._name} is held by {holder or 'nobody'} now")
            elif loop.time() >= renewed + self._renew:
                raise LeaseLost(
                    f"lease {self._namespace}/{self._name} could not be renewed for {self._renew:g} s; "
                    "look whether the API server answers"
                )

    async def _attempt(self, seconds: float) -> bool:
        """Take or renew the lease, in so many seconds at most; whether it is held now."""
        try:
            async with asyncio.timeout(seconds):
                return await self._take()
        except (errors.Conflict, errors.AlreadyExists):
            self._logger.debug("another one was faster")
        except TimeoutError:
            self._logger.warning("no answer about the lease", seconds=seconds)
        except errors.KubeError as error:
            self._logger.warning("cannot take the lease", error=str(error))
        return False

    async def _take(self) -> bool:
        just_written, self._just_written = self._just_written, False
        try:
            if not just_written:
                self._observe(await self._client.get(LEASES, self._name, self._namespace))
        except errors.NotFound:
            self._observe(await self._client.create(LEASES, self._claim({}), self._namespace))
        else:
            if not self._free():
                return False
            self._observe(await self._client.replace(LEASES, self._claim(self._known)))
        self._just_written = True
        return True

    def _observe(self, lease: dict[str, Any]) -> None:
        """Remember the lease, and since when it has been as it is."""
        if self._known.get("spec") != lease["spec"]:
            self._known_since = asyncio.get_running_loop().time()
        self._known = lease

    def _holder(self) -> str:
        return str(self._known.get("spec", {}).get("holderIdentity") or "")

    def _free(self) -> bool:
        """Whether the lease may be written: it is ours, nobody's, or was silent for too long."""
        if self._holder() in {"", self.identity}:
            return True
        silent = asyncio.get_running_loop().time() - self._known_since
        return silent > float(self._known["spec"].get("leaseDurationSeconds") or self._lease)

    def _claim(self, lease: dict[str, Any]) -> dict[str, Any]:
        """The lease with this process as its holder."""
        now = micro_time(self._clock.now())
        spec = dict(lease.get("spec", {}))
        if spec.get("holderIdentity") != self.identity:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = spec.get("leaseTransitions", -1) + 1
        spec |= {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": max(1, round(self._lease)),
            "renewTime": now,
        }
        metadata = lease.get("metadata", {"name": self._name, "namespace": self._namespace})
        return {"apiVersion": LEASES.api_version, "kind": LEASES.kind, "metadata": metadata, "spec": spec}

    async def _release(self) -> None:
        """Empty the lease's holder if it is this process; where that fails, the next one waits a little."""
        try:
            async with asyncio.timeout(self._retry):
                lease = await self._client.get(LEASES, self._name, self._namespace)
                if lease["spec"].get("holderIdentity") == self.identity:
                    lease["spec"] |= {"holderIdentity": "", "renewTime": micro_time(self._clock.now())}
                    await self._client.replace(LEASES, lease)
        except (errors.KubeError, TimeoutError) as error:
            self._logger.warning("could not release the lease", error=str(error))

    async def _pause(self) -> bool:
        """Wait for the next attempt; true at once when `stop` was called."""
        try:
            async with asyncio.timeout(jittered(self._retry)):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True
