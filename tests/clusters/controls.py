"""Texts that are handed to a cluster as they are: the search has to find them in its files."""

RAY = "control-environment-4711"
SPARK = "control-configuration-4711"
