"""Documents: what a scan reads, each kind with its own way to name a place."""
