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
SET = "holdfast.dev/set"
"""Annotation of the snapshots of several claims at one moment: all claims of the set, as it was meant, separated by
commas. Such snapshots lack Gemini's own mark: a Gemini would count and delete each by itself."""
HOLD = "holdfast.dev/hold"
"""Label that protects a snapshot from retention; its value says who holds it."""
REQUEST = "holdfast.dev/request"
"""Annotation of a safety snapshot: the UID of the VolumeRestore it was taken for."""
OPT_OUT = "holdfast.dev/opt-out"
"""Label of a claim or a namespace that no policy and no annotation shall cover, when its value is `true`."""
DELTAS = "backup.kubernetes.io/deltas"
"""Annotation of k8s-snapshots on a volume or a claim: a schedule in ISO 8601 durations."""
SOURCE = "holdfast.dev/schedule-from"
"""Annotation of the SnapshotGroups that Holdfast makes: where the schedule comes from. Without it a group is its
user's, whoever made it."""
SUSPENDED = "holdfast.dev/suspended-because"
"""Annotation of the SnapshotGroups that Holdfast makes: why it suspended one itself."""
MAY_BE_SCALED_FROM = "holdfast.dev/may-be-scaled-from"
"""Annotation that users put on a workload: namespaces whose restores may scale it, separated by commas."""
RUN_REQUEST = "holdfast.dev/run-requested"
"""Annotation that users put on a RestoreDrill: each new value asks for a run out of turn."""
DRILL = "holdfast.dev/drill"
"""Label of the scratch claims and pods of a RestoreDrill: its UID. Nothing without it is ever deleted by a drill."""
RESTORE_FINALIZER = "holdfast.dev/volume-restore"

MANAGER = "holdfast"
"""Field manager of everything that Holdfast writes."""

VELERO_NAMESPACE = "velero"
"""Where Velero is installed unless somebody chose otherwise."""
VELERO_SCHEDULE = "velero.io/schedule-name"
"""Label of a Backup: the Schedule that it was made by (Velero)."""
