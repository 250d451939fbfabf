"""How each kind of server words its answers."""
