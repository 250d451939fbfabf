"""Adapters to other libraries: plain values in, the libraries' objects out.

Each library has one small module, which imports it at the first use. A missing library raises
`ExtraMissing`, which names the line that installs it.
"""
