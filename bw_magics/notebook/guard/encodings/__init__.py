"""Encodings: the forms in which a value can stand in an output.

`forms` makes the texts to search for; `escapes` and `anchor` find forms that no list can name;
`markup` takes colours and tags out of a text.
"""
