"""The outputs of a cell: tables, items, the status, and one-line messages."""
