"""An organisation, read with its own API key."""
