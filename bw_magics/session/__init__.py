"""The session: a vault that logs in, syncs, unlocks and locks. Prints nothing and asks nothing."""
