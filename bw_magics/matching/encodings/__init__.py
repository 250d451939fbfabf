"""Encodings: the forms in which an output writes a value.

`forms` makes the texts to search for; `escapes` and `anchor` find forms that no list can name;
`markup` takes colours and tags out of a text.
"""
