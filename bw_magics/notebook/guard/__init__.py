"""The output guard: it masks known secrets in every message that the kernel sends.

The rest of the package uses `guard` only. Below it are `hooks/`: the places that outputs pass.
`bw_magics.matching` finds the secrets in a text; what is secret in a value is said by
`bw_magics.secrecy`.
"""
