"""The answers of each kind of server."""
