"""Restore drills: what they proved, and runs on request."""
