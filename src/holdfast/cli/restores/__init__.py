"""What the verbs about restores from backups share."""
