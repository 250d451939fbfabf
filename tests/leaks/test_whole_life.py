"""From loading the extension again to the last words of the process, no secret is shown; and what
is printed stays where it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import own_folders
from .kernel import TURN_OFF, Kernel
from .markers import found, found_in_files

# Code that prints when all else has ended: an object that goes last, a thread that goes on, a
# function at exit that leaves the writing to Python. The thread has a stream to itself, because
# Python may end it in the middle of a write: nobody could write to that stream after it.
LAST_WORDS = """
class Late:
    def __del__(self, text=s, stream=sys.__stdout__):
        stream.write(f"object {text}\\n"); stream.flush()
late = Late()

def go_on():
    while True:
        sys.__stderr__.write(f"thread {s}\\n"); sys.__stderr__.flush(); time.sleep(0.02)
threading.Thread(target=go_on, daemon=True).start()

import atexit
atexit.register(sys.__stdout__.write, f"at exit {s}\\n")
"""


@pytest.mark.parametrize("redact", [False, True], ids=["the guard off", "the guard on"])
def test_after_loading_again_and_to_the_end_of_the_process(
    environment: dict[str, str], folder: Path, redact: bool
) -> None:
    home = folder / f"whole-life-{redact}"
    kernel = Kernel(
        environment | own_folders(home), folder / f"whole-life-{redact}.log", redact=redact
    )
    try:
        kernel.run("%reload_ext bw_magics")
        if not redact:
            kernel.run(TURN_OFF)
        shown = kernel.run("print(s); s").text
        kernel.run(LAST_WORDS)
    finally:
        kernel.close()
    written = kernel.log.read_text()

    assert bool(found(shown)) is not redact, shown
    assert bool(found_in_files([kernel.log, home])) is not redact
    for last in ("object", "thread", "at exit"):
        assert f"{last} " in written


def test_what_ends_like_a_secret_begins_stays_before_what_follows_it(guarded: Kernel) -> None:
    guarded.run(
        "from bw_magics.notebook.extension import registered\n"
        "registered(get_ipython()).guard.learn_quietly('heading:\\nof a note that is known')"
    )
    kinds = [
        (message["header"]["msg_type"], message["content"].get("text"))
        for message in guarded.run(
            "from IPython.display import clear_output, display\n"
            "print('heading:'); display(1)\n"
            "print('heading:'); clear_output()\n"
            "print('heading:'); 1 / 0"
        ).all
    ]
    text = ("stream", "heading:\n")
    shown = [kind for kind in kinds if kind == text or kind[0] in _IN_PLACE]

    assert [kind for kind, _ in shown] == [
        *("stream", "display_data", "stream", "clear_output"),
        *("stream", "error"),
    ]


_IN_PLACE = ("clear_output", "display_data", "error")
