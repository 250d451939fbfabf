"""Secrets Manager: the secrets of a machine account."""
