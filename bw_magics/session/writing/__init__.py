"""Changes to a vault on its server."""
