"""Integrations: where other libraries' own extension points get secrets from a vault.

Each library has one small module. The library imports it by its name or its entry point; loading
the extension imports none of them.
"""
