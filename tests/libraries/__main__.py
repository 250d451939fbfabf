"""Writes the table of docs/libraries.md anew."""

from __future__ import annotations

from tests.libraries.heavy import CASES as HEAVY
from tests.libraries.light import CASES as LIGHT
from tests.libraries.table import PAGE, rows, with_table

PAGE.write_text(with_table(PAGE.read_text(), rows([*LIGHT, *HEAVY])))
