"""The user's variables, and which of them hold secrets."""
