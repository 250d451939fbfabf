"""Hooks: the places where text leaves the process, each wrapped to mask what passes.

`kernel` wraps messages, `stream` and `server_log` a kernel's streams, `terminal` a terminal's.
`payload` knows which parts of a message a cell wrote.
"""
