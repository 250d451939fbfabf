"""A magic's line: its words, its arguments, and the command that follows `%bw`."""
