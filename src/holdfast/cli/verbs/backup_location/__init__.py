"""Verbs about BackupStorageLocations."""
