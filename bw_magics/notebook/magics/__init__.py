"""The magics, one class a file: each parses a line, calls the session and shows the result."""
