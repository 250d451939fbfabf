"""Presses TAB behind several lines in a shell; prints the milliseconds of each as JSON."""

import contextlib
import io
import json
import sys
import time

from IPython.core.interactiveshell import InteractiveShell

from bw_magics import bw_session
from bw_magics.notebook.complete.completion import Completion

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "bw_magics")
with contextlib.redirect_stdout(io.StringIO()):
    shell.run_cell("%bw_login\n%bw_unlock")
assert bw_session.status.state == "unlocked"
completion = Completion(shell, bw_session)
name = bw_session.items()[0].name
lines = [
    "%bw_get item ",
    "%bw_get item e",
    "%bw_get item nothing-has-this",
    "%bw_get bw://",
    "%bw_get bw://Work/",
    f"%bw_get bw://{name}/",
    'bw_session["w',
    f'bw_session["{name}"].',
    "%bw_get item x --folder ",
]
taken = {}
for line in lines:
    each = []
    for _ in range(int(sys.argv[1]) + 1):
        started = time.perf_counter()
        found = completion.complete(line)
        each.append((time.perf_counter() - started) * 1e3)
    candidates = len(found.candidates) if found else 0
    taken[line] = {"candidates": candidates, "first": each[0], "others": each[1:]}
print(json.dumps(taken))
