"""COSE (RFC 9052) as accounts with encryption V2 use it: keys, encrypted and signed messages.

Accounts with encryption V1 do not use it, so most programs never import this package.
"""
