"""`holdfast drill VERB`."""
