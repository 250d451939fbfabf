"""Writes the table of docs/libraries.md anew."""

from __future__ import annotations

from tests.libraries.exports import CASES as EXPORTS
from tests.libraries.light import CASES as LIGHT
from tests.libraries.table import PAGE, rows, with_table
from tests.libraries.tools import CASES as TOOLS
from tests.libraries.trackers import CASES as TRACKERS

PAGE.write_text(with_table(PAGE.read_text(), rows([*LIGHT, *EXPORTS, *TOOLS, *TRACKERS])))
