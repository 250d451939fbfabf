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
_begin = time.process_time()
{run}
print(time.process_time() - _begin)
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
    """Adds the ratios to pandas, in processor time."""
    if importlib.util.find_spec("pandas") is None:
        report.add(Told("`import bw_magics` / `import pandas`", "pandas is missing", "", None))
        return
    with tempfile.TemporaryDirectory() as home:
        environment = bare_environment(Path(home))

        def timed(prepare: str, run: str) -> float:
            code = _TIMED.format(prepare=prepare, run=run)
            return float(run_code(code, environment).output.split()[-1])

        ways = {way: partial(timed, *code) for way, code in WAYS.items()}
        for once in ways.values():
            once()
        say("imports")
        taken = in_turns(ways, options.repeat)
    for way in [*WAYS][1:]:
        samples = ratios(taken[way], taken["import pandas"])
        median = statistics.median(samples)
        report.add(Figure(f"`{way}` / `import pandas`, CPU", median, "×", None, GOAL, samples))
    rows = [[f"`{way}`", spread([each * 1e3 for each in taken[way]])] for way in WAYS]
    report.detail("Imports", ["", "CPU ms"], rows)
