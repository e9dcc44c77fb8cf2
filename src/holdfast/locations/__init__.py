"""BackupStorageLocations: objects of a cluster that say where backups lie, and what is done with what lies there."""
