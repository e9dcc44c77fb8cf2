"""What a restore leaves in the location: its log and results, and objects that it replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.archive.layout import VOLUMES, RestoreKeys
from holdfast.archive.sides import log_line, results, zipped, zipped_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from holdfast.archive.paths import ItemKey
    from holdfast.restores.outcomes import Report
    from holdfast.store.stores import Store


def keep_report(store: Store, restore: str, report: Report) -> None:
    """Store what became of every object, as Velero's tools look for it. Raises errors of `holdfast.store.errors`."""
    keys = RestoreKeys(restore)
    documents = {
        "results.gz": {"errors": results(report.errors()), "warnings": results(report.all_warnings())},
        "resource-list.json.gz": report.listed(),
        "itemoperations.json.gz": [],
    }
    for name, document in documents.items():
        store.put(keys.side(name), zipped(document))
    store.put(keys.side(VOLUMES), zipped([]))
    store.put(keys.side("logs.gz"), zipped_log(_log(restore, report)))


def _log(restore: str, report: Report) -> Iterator[str]:
    now = datetime.now(UTC)
    yield log_line("info", f"Holdfast restored {restore}", now)
    for outcome in report.outcomes:
        yield log_line("info", f"{outcome.key}: {outcome.act.value}", now)
    for level, said in (("warning", report.all_warnings()), ("error", report.errors())):
        for namespace, texts in said.items():
            for text in texts:
                yield log_line(level, f"{namespace or 'cluster'}: {text}", now)
    for reason, count in sorted(report.left.items()):
        yield log_line("info", f"{count} objects were left out: {reason}", now)


class Replaced:
    """Objects that are deleted to be made anew, as they were."""

    def __init__(self, store: Store, restore: str) -> None:
        self._store, self._keys = store, RestoreKeys(restore)

    def keep(self, key: ItemKey, document: Mapping[str, Any]) -> None:
        """Store one. Raises errors of `holdfast.store.errors`; then it must not be deleted."""
        place = "/".join(filter(None, (key.resource, key.namespace, f"{key.name}.json")))
        self._store.put(f"{self._keys.folder}/replaced/{place}", msgspec.json.encode(document))
