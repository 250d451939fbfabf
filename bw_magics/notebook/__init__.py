"""The IPython side: magics that parse a line, call the session and show the result."""
