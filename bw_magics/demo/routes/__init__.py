"""The routes of the demo server, and what they read and answer."""
