"""Backup, cloning, moving and restoring of persistent data on Kubernetes."""

__version__ = "0.1.0"
