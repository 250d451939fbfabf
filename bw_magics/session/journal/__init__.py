"""The journal: who used what, when and which way; never a value."""
