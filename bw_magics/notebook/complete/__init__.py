"""Tab completion: the candidates for a name, and the places of names on a line."""
