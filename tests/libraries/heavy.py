"""The libraries that need an environment of their own."""

from __future__ import annotations

from tests.libraries.case import Case

CASES: list[Case] = []
