"""Hand-over records of old and new agencies."""
