"""A program that notes uses in a file, as a kernel does: `FILE COUNT`."""

from __future__ import annotations

import sys

from bw_magics.session.journal.journal import Journal
from bw_magics.using import Use

journal = Journal()
journal.to(sys.argv[1])
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    journal.note((Use(f"Item {number}", "password"), Use(f"Item {number}", "notes")), "reference")
