"""SnapshotGroups: take, retire, ask for restores. Restores themselves are the business of `claims`."""
