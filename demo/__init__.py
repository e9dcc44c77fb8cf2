"""The demo: a real cluster takes scheduled snapshots of a volume, loses the data, and gets it back."""
