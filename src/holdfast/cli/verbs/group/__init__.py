"""`holdfast group VERB`."""
