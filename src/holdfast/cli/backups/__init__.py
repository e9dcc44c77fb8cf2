"""What the verbs of `holdfast backup` do: looking into backups in Velero's layout, with a cluster or without one."""
