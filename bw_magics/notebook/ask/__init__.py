"""Asking for credentials: where they come from, and who is asked when no source has them."""
