"""`holdfast backup`."""
