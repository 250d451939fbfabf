"""Values of the vault as environment variables."""
