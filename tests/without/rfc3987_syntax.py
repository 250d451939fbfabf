"""Refuses a library that nbformat imports where it finds it, and that no test needs.

It builds a parser for addresses at its import, which takes longer than a kernel's start.
"""

raise ImportError(__doc__)
