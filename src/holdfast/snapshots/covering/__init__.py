"""Cluster-wide policies and annotations of claims: SnapshotGroups made for every claim that they cover."""
