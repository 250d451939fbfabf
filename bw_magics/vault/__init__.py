"""The vault itself: a snapshot, and its items decrypted when they are read. Pure, no I/O."""
