"""Names of annotations, labels and finalizers.

Gemini's keys (its `pkg/snapshots/consts.go`) are annotations that both programs read and write; ours stand on
objects of our own only, and on snapshots.
"""

GEMINI_MANAGED_BY = "app.kubernetes.io/managed-by"
GEMINI_MANAGER = "gemini"
GEMINI_GROUP = "gemini.fairwinds.com/group"
GEMINI_TIMESTAMP = "gemini.fairwinds.com/timestamp"
GEMINI_INTERVALS = "gemini.fairwinds.com/intervals"
GEMINI_RESTORE = "gemini.fairwinds.com/restore"

GROUP = "holdfast.dev/group"
"""Label of the snapshots that Holdfast took for a group: the group's name, where a label can hold it."""
TIERS = "holdfast.dev/tiers"
"""Annotation: texts of tiers that Gemini's grammar cannot say, separated by `; `."""
MANUAL = "holdfast.dev/manual"
"""Annotation of snapshots that somebody asked for: outside all schedules."""
HOLD = "holdfast.dev/hold"
"""Label that protects a snapshot from retention; its value says who holds it."""
REQUEST = "holdfast.dev/request"
"""Annotation of a safety snapshot: the UID of the VolumeRestore it was taken for."""
RESTORE_FINALIZER = "holdfast.dev/volume-restore"

MANAGER = "holdfast"
"""Field manager of everything that Holdfast writes."""
