"""The storage of the demo server: an account's keys and its encrypted records."""
