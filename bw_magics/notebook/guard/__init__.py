"""The output guard: it masks known secrets in everything the kernel sends, before it is sent.

The rest of the package uses `guard` only. Below it are `hooks/`: where outputs pass. Which secrets
stand in a text is found by `bw_magics.matching`; what is secret in a value is said by
`bw_magics.secrecy`.
"""
