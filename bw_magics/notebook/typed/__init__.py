"""Secrets that somebody typed into a cell: finding them, and taking them out of the history."""
