"""What `import bw_magics` and `%load_ext bw_magics` take, beside `import pandas`, in turns."""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure, Told, at_most
from benchmarks.options import Options
from benchmarks.process import bare_environment, run_code
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

GOAL = at_most(0.1)

_TIMED = """
import time
{prepare}
_begin, _cpu = time.perf_counter(), time.process_time()
{run}
print(time.process_time() - _cpu, time.perf_counter() - _begin)
"""

_SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""

WAYS = {
    "import pandas": ("", "import pandas"),
    "import bw_magics": ("", "import bw_magics"),
    "from bw_magics import Vault": ("", "from bw_magics import Vault"),
    "%load_ext bw_magics": (_SHELL, "shell.run_line_magic('load_ext', 'bw_magics')"),
}


def measure(report: Report, options: Options) -> None:
    """Adds the ratios to pandas."""
    if importlib.util.find_spec("pandas") is None:
        what = "`import bw_magics`, `%load_ext bw_magics` / `import pandas`"
        report.add(Told(what, "not measured: pandas is missing", "≤ 0.1 ×", None))
        return
    with tempfile.TemporaryDirectory() as home:
        environment = bare_environment(Path(home))

        def timed(prepare: str, run: str) -> list[float]:
            code = _TIMED.format(prepare=prepare, run=run)
            return [float(each) for each in run_code(code, environment).output.split()[-2:]]

        ways = {way: partial(timed, *code) for way, code in WAYS.items()}
        for once in ways.values():
            once()
        say("imports")
        taken = in_turns(ways, options.repeat)
    for way in [*WAYS][1:]:
        for at, unit in enumerate(("CPU", "wall")):
            samples = ratios(*([each[at] for each in taken[one]] for one in (way, "import pandas")))
            what = f"`{way}` / `import pandas`, {unit}"
            report.add(Figure(what, statistics.median(samples), "×", None, GOAL, samples))
    rows = [
        [f"`{way}`", *(spread([each[at] * 1e3 for each in taken[way]]) for at in range(2))]
        for way in WAYS
    ]
    report.detail("Imports", ["", "CPU ms", "ms"], rows)
