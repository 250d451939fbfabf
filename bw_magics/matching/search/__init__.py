"""Search: many byte strings found in one pass over a text.

The rest of the guard uses `patterns`. It searches with an `index` for what is new and with an
`automaton` for what is compiled.
"""
