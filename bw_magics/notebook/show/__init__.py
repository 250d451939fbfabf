"""What a cell shows: tables, items, the status, and one-line messages."""
