"""Hooks: the places where text leaves the process, each wrapped to mask the text.

`kernel` wraps messages, `stream` and `server_log` a kernel's streams, `terminal` a terminal's.
`payload` knows which parts of a message a cell wrote.
"""
