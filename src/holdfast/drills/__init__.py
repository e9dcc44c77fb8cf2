"""Restore drills: snapshots restored beside everything, checked, and cleaned up; proof that a backup restores."""
