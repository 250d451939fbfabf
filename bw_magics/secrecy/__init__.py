"""Secrecy: which texts are secret, and which parts of a structured secret are.

`parts` is the rule. It reads names with `key_names`, judges values with `irregular` and leaves
alone what is `ordinary`. The vault and the output guard follow this one rule.
"""
