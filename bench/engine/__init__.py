"""restic, rustic and `holdfast repo` on the same data, in turn."""
