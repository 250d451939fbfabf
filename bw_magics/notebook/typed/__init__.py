"""Secrets typed into a cell: finds them, and removes them from the history."""
