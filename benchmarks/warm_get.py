"""Reads passwords of random items from an unlocked vault; prints the microseconds one takes.

The names come as one JSON list on the command line's first argument, a file.
"""

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

from bw_magics import Vault

ROUNDS, GETS = 7, 2_000

told: list[str] = []
vault = Vault(on_secret=told.append)
vault.login(
    client_id=os.environ["BW_CLIENTID"],
    client_secret=os.environ["BW_CLIENTSECRET"],
    server=os.environ["BW_SERVER"],
)
vault.unlock(password=os.environ["BW_PASSWORD"])
names = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
picked = random.Random(1).choices(names, k=GETS)

told.clear()
taken = []
for _ in range(ROUNDS):
    started = time.perf_counter()
    for name in picked:
        vault[name].password  # noqa: B018 - the reading is what is measured
    taken.append((time.perf_counter() - started) / GETS)
assert len(told) == ROUNDS * GETS
print(statistics.median(taken) * 1e6)
