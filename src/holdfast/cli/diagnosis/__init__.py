"""`holdfast doctor`: whether a cluster can snapshot and restore volumes, and what to do where it cannot."""
