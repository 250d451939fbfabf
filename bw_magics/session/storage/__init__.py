"""Storage on this machine: the cache, the keyring, private files."""
