"""`holdfast snapshot VERB`."""
