"""Matching: known secrets found in a text, in every form that a value takes.

The output guard masks what is found, the scan reports it. `matcher` knows the values, `encodings/`
the forms of one, `search/` finds many byte strings at once. Nothing here knows a kernel or a file.
"""
