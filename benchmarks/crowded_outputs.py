"""What a person waits for: each text of `crowded` printed and displayed in a real kernel.

The guard is on, and knows one value beside 100 passwords. The same output takes turns with every
value. The kernel's processor time counts, until the text is sent: that of the search, of the
kernel, and of packing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.crowded import learnt, texts
from benchmarks.guard import Kernel
from benchmarks.progress import say
from bw_magics.matching.matcher import Matcher

if TYPE_CHECKING:
    from bw_magics.notebook.guard.guard import Guard

# So often the kernel searches a text before it is shown: `crowded` does as well.
_USED_TO = 8
_PREPARE = """
import sys
sys.path.insert(0, {root!r})
import json
from pathlib import Path
from benchmarks.crowded_outputs import Outputs
_told = json.loads(Path({told!r}).read_text())
outputs = Outputs(magics.guard, **_told)
"""
_MEASURE = """
_least = outputs.seconds({name!r}, {turns})
Path({told!r}).write_text(json.dumps(_least))
"""


class Outputs:
    """In the kernel: outputs with the guard on, one matcher after the other.

    `values` are compared with the `usual` one, in `texts`; the matchers know the `others` too.
    """

    def __init__(
        self,
        guard: Guard,
        usual: str,
        values: Mapping[str, str],
        others: list[str],
        texts: Mapping[str, str],
    ) -> None:
        self._guard = guard
        self._texts = texts
        self._usual = learnt(usual, *others)
        self._matchers = {what: learnt(value, *others) for what, value in values.items()}
        for matcher in (self._usual, *self._matchers.values()):
            for text in texts.values():
                matcher.spans(text.encode())

    def seconds(self, name: str, turns: int) -> dict[str, float]:
        """Returns what the output of a text costs with each value, in times of the usual one."""
        text = self._texts[name]
        every = [self._usual, *self._matchers.values()]
        for matcher in every:
            for _ in range(_USED_TO):
                matcher.spans(text.encode())
        least = [float("inf")] * len(every)
        for _ in range(turns):
            for at, matcher in enumerate(every):
                least[at] = min(least[at], self._output(matcher, text))
        self._guard.show_secrets(False)
        return {
            what: seconds / least[0]
            for what, seconds in zip(self._matchers, least[1:], strict=True)
        }

    def _output(self, matcher: Matcher, text: str) -> float:
        from IPython.display import display

        self._guard.show_secrets(False)
        # The text is new to the guard each time: what it has shown it would not search again.
        self._guard._matcher_, self._guard._clear = matcher, None
        self._guard.show_secrets("named")
        sys.stdout.flush()
        begin = time.process_time()
        print(text, flush=True)
        display({"text/html": text}, raw=True)
        sys.stdout.flush()
        return time.process_time() - begin


def ratios(
    repeat: int, usual: str, values: Mapping[str, str], others: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Returns the same ratios as `crowded.ratios` does, of whole outputs."""
    all_texts = {name: text.decode() for name, text in texts().items()}
    found: dict[str, dict[str, float]] = {what: {} for what in values}
    with tempfile.TemporaryDirectory() as home:
        told = Path(home) / "told.json"
        facts = {"usual": usual, "values": values, "others": [*others], "texts": all_texts}
        told.write_text(json.dumps(facts), encoding="utf-8")
        kernel = Kernel(Path(home))
        try:
            root = Path(__file__).parent.parent
            kernel.run(_PREPARE.format(root=str(root), told=str(told)))
            for name in all_texts:
                say(f"learning: outputs of {name}")
                kernel.run(_MEASURE.format(name=name, turns=repeat + 4, told=str(told)))
                for what, ratio in json.loads(told.read_text(encoding="utf-8")).items():
                    found[what][name] = ratio
        finally:
            kernel.close()
    return found
