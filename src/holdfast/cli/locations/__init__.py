"""What the verbs of `holdfast backup-location` do with BackupStorageLocations, in Velero's words and columns."""
