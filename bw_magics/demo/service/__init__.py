"""The state behind the routes: accounts and vaults, tokens, limits, faults."""
