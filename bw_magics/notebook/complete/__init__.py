"""Tab completion: what a name can be, and where a name can stand."""
