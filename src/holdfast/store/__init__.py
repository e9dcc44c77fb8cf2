"""Buckets and folders: where backups lie, whoever keeps them."""
