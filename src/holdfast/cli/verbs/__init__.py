"""One module per verb: what it takes, and whom it asks."""
