"""The output guard: known secrets are masked in what the kernel sends, before it is sent.

`guard` is the whole of it for the rest of the package. Below it, each its own module: which texts
a secret can appear as (`forms`, `ordinary`), how they are found (`needle`, `index`, `automaton`,
`matcher`, `boundary`, `markup`), where a message has payload (`payload`, `withheld`), and the
places where text leaves the process (`kernel`, `stream`, `server_log`, `terminal`).
"""
