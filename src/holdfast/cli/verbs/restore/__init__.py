"""`holdfast restore`."""
