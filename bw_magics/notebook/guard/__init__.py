"""The output guard: it masks known secrets in everything the kernel sends, before it is sent.

The rest of the package uses `guard` only. Below it, downwards: `hooks/` (where outputs pass),
`matcher` (which secrets stand in a text), `encodings/` (the forms a value takes) and `search/`
(many byte strings found at once). What is secret in a value is said by `bw_magics.secrecy`.
"""
