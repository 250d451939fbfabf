"""Other libraries, given what the vault holds: plain values in, their objects out.

One small module each. None imports its library before it is used; one that is not installed is
`ExtraMissing`, which names the line that installs it.
"""
