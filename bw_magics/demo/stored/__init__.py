"""What the demo server keeps of an account: its keys and its encrypted records."""
