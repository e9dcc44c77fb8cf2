"""Namespaces into a bucket, in Velero's format: objects collected, packed and stored.

Contents of volumes are not saved yet; every volume that a backup meets is listed in it as skipped.
"""
