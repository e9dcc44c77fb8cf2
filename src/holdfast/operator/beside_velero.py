"""The namespace of Velero's objects: watched once for all that acts there, and left alone beside a Velero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.api.meta import Named
from holdfast.api.requests import DeleteBackupRequest, DownloadRequest, ServerStatusRequest
from holdfast.api.resource import PODS
from holdfast.api.velero import (
    DELETIONS,
    DOWNLOADS,
    LOCATIONS,
    STATUS_REQUESTS,
    VELERO_BACKUPS,
    VELERO_SCHEDULES,
    Backup,
    Location,
)
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.locations import deleting, expiring, syncing
from holdfast.locations.caches import BY_BACKUP, BY_LOCATION, BY_SCHEDULE, Caches
from holdfast.locations.rivals import Rivals, ServerPod, Yielding, is_velero

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.api.resource import Resource
    from holdfast.control.clocks import Clock
    from holdfast.control.controlling import Reconciler
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client

Part = Controller | Informer[Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What everything that acts there stands on."""

    client: Client
    namespace: str
    recorder: Recorder
    clock: Clock
    pods: Informer[ServerPod]
    caches: Caches

    @property
    def informers(self) -> tuple[Informer[Any], ...]:
        """Those that are shared."""
        c = self.caches
        return (self.pods, c.locations, c.backups, c.schedules, c.downloads, c.questions, c.deletions)

    def controller(
        self,
        name: str,
        inner: Reconciler,
        own: Informer[Any],
        *,
        workers: int = 1,
        key: Callable[[Any], Key] = Key.of,
        tell: Callable[[Key, str], None] = lambda _key, _why: None,
    ) -> Controller:
        """A controller that does nothing while a Velero is there, and looks at everything when it has gone.

        Args:
            name: of the controller.
            inner: what is done.
            own: the objects that it is about.
            workers: so many of them are worked on at a time.
            key: from an object to what is queued.
            tell: is told of an object that is left to a Velero, and the reason.
        """
        made = Controller(name, Yielding(inner, Rivals(self.pods), tell), workers=workers)
        made.follow(own, lambda each: [key(each)])
        made.follow(self.pods, lambda _: [key(each) for each in own.cache.all()])
        return made

    def unreadable(self, resource: Resource, said: str) -> Callable[[Key, Exception], None]:
        """Tells on an object that cannot be read what that means."""

        def told(key: Key, error: Exception) -> None:
            of = Reference(resource.api_version, resource.kind, key.name, key.namespace)
            self.recorder.event(of, "Warning", "Unreadable", f"{said}: {error}")

        return told


def beside_velero(client: Client, namespace: str, recorder: Recorder, clock: Clock) -> Beside:
    """Informers of that namespace.

    Args:
        client: the cluster.
        namespace: of Velero's objects.
        recorder: tells users what happens.
        clock: says what is due.
    """
    pods = Informer(client, PODS, ServerPod, namespace=namespace, keep=is_velero)
    return Beside(client, namespace, recorder, clock, pods, _caches(client, namespace, recorder))


def _caches(client: Client, namespace: str, recorder: Recorder) -> Caches:
    def unreadable(key: Key, error: Exception) -> None:
        location = Reference(LOCATIONS.api_version, LOCATIONS.kind, key.name, key.namespace)
        recorder.event(location, "Warning", "Unreadable", f"nothing is done for this location: {error}")

    return Caches(
        locations=Informer(
            client, LOCATIONS, Location, namespace=namespace, on_invalid=unreadable, optional=True
        ),
        backups=Informer(
            client,
            VELERO_BACKUPS,
            Backup,
            namespace=namespace,
            indexes={BY_SCHEDULE: expiring.of_schedule, BY_LOCATION: syncing.of_location},
            optional=True,
        ),
        schedules=Informer(client, VELERO_SCHEDULES, Named, namespace=namespace, optional=True),
        downloads=Informer(client, DOWNLOADS, DownloadRequest, namespace=namespace, optional=True),
        questions=Informer(client, STATUS_REQUESTS, ServerStatusRequest, namespace=namespace, optional=True),
        deletions=Informer(
            client,
            DELETIONS,
            DeleteBackupRequest,
            namespace=namespace,
            indexes={BY_BACKUP: deleting.of_backup},
            optional=True,
        ),
    )
