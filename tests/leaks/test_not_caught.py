"""What the guard cannot catch: every entry of SECURITY.md's list is shown to be true here.

When one of these fails, the guard has become better: take the entry out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.kernels import NEWEST

from .kernel import Kernel
from .markers import MARKERS, found_in_files

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
HEADING = "## What the guard cannot catch"


@dataclass(frozen=True)
class Hole:
    """An entry of the list by its first words, a cell, and what of the secret it shows: Python
    that gives the text to look for, of the marker `s`.
    """

    entry: str
    code: str
    shows: str


HOLES = [
    Hole("Parts", "print(s[:12], '|', s[-8:])", "s[:12]"),
    Hole(
        "Parts", "import textwrap; print('\\n'.join(textwrap.wrap(nasty, 20)))", "nasty.split()[1]"
    ),
    Hole("Parts", "print(notes.splitlines()[1][:15])", "'second line lea'"),
    Hole(
        "Parts",
        "from IPython.display import HTML; HTML(f'<p>{nasty[:10]}<!-- -->{nasty[10:]}</p>')",
        "nasty[:10]",
    ),
    Hole("Other spellings", "print(s[::-1])", "s[::-1]"),
    Hole("Other spellings", "print(s.upper())", "s.upper()"),
    Hole("Other spellings", "print(' '.join(s))", "' '.join(s)"),
    Hole("Other spellings", "print(s.translate({ord('-'): '_'}))", "s.replace('-', '_')"),
    Hole("Other spellings", "print(s.replace('-', '%2D'))", "s.replace('-', '%2D')"),
    Hole(
        "Encodings of encodings",
        "print(base64.b64encode(base64.b64encode(p.encode())).decode())",
        "base64.b64encode(base64.b64encode(s.encode())).decode()",
    ),
    Hole(
        "Encodings of encodings",
        "import zlib; print(zlib.compress(p.encode()).hex())",
        "zlib.compress(s.encode()).hex()",
    ),
    Hole(
        "Encodings of encodings",
        "print(base64.b64encode(s.encode('utf-16-le')).decode())",
        "base64.b64encode(s.encode('utf-16-le')).decode()",
    ),
    Hole(
        "Other encodings",
        "import quopri; print(quopri.encodestring(('x' * 70 + ' ' + nasty).encode()).decode())",
        "'=C3=84hre'",
    ),
    *(
        # Of `nasty` the last word is masked by itself.
        Hole("Other encodings", f"print({shown})", f"str({shown})[:20]")
        for shown in (
            "base64.b32encode(s.encode()).decode()",
            "base64.b85encode(s.encode()).decode()",
            "base64.a85encode(s.encode()).decode()",
            "nasty.encode('utf-7').decode()",
            "s.encode().hex(' ')",
            "list(s.encode())",
            r"''.join(c if c.isalnum() else f'\\{ord(c):x} ' for c in nasty)",
            "html.escape(nasty).replace(';', '')",
            "nasty.translate({n: n + 0xfee0 for n in range(33, 127)})",
            r"nasty.replace(' ', '\t')",
            "nasty.replace(' ', '  ')",
            r"nasty.replace(' ', '\u3000')",
        )
    ),
    Hole(
        "Names of things",
        "from IPython.display import display\n"
        "display({'text/plain': ''}, raw=True, metadata={s: 1}, display_id=s)",
        "s",
    ),
    Hole("The beginning", "for c in s: print(c, end='', flush=True)", "s[:3]"),
    Hole(
        "The beginning",
        "print(nasty[:15], end='', flush=True); time.sleep(1.6); print(nasty[15:])",
        "nasty[:15]",
    ),
    Hole("Short values", "print(str(bw_session['Card'].code))", "'123'"),
    Hole("Short values", "print(f'x{short}y')", "short"),
    Hole(
        "Numbers",
        "from IPython.display import JSON; JSON({'number': int(card)})",
        "str(int(card))",
    ),
    Hole(
        "Large files",
        "from bw_magics.announcing import Secrets\n"
        "large = b'x' * (1 << 18) + b'the last line of a large file'\n"
        "large = Secrets().make_bytes(large, 'large')\n"
        "print(large[-29:].decode())",
        "'the last line of a large file'",
    ),
]
IN_TESTS_OF_THEIR_OWN = (
    "Typed in other ways",
    "Simple words",
    "Pixels and sound",
    "Binary buffers",
    "Files",
    "Other programs",
    "The environment",
    "Remote workers",
)


def entries() -> list[str]:
    """The bold first words of SECURITY.md's list."""
    section = SECURITY.read_text().split(HEADING, 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^- \*\*(.+?)\.?\*\*", section, re.MULTILINE)


def test_every_entry_of_the_list_has_a_test_here() -> None:
    tested = {hole.entry for hole in HOLES} | set(IN_TESTS_OF_THEIR_OWN)

    assert set(entries()) == tested


def look(hole: Hole) -> str:
    names = {
        "s": MARKERS["password"],
        "nasty": MARKERS["nasty"],
        "short": MARKERS["short"],
        "card": MARKERS["card number"],
        **{name: __import__(name) for name in ("base64", "html", "zlib")},
    }
    return str(eval(hole.shows, names))


@pytest.mark.parametrize("hole", HOLES, ids=[f"{hole.entry}: {hole.code[:40]}" for hole in HOLES])
def test_a_hole_is_still_there(hole: Hole, guarded: Kernel) -> None:
    assert look(hole) in guarded.run(hole.code).text


TYPED = "zK4-typed-and-not-noticed-9xQ2"
OTHER_WAYS = {
    "put together": f"if False: bw_session.unlock(password=''.join(['', {TYPED!r}]))",
    "formatted": f"if False: bw_session.unlock(password='{{}}'.format({TYPED!r}))",
    "formatted the old way": f"if False: bw_session.unlock(password='%s' % {TYPED!r})",
    "looked up": f"d = {{'p': {TYPED!r}}}\nif False: bw_session.unlock(password=d['p'])",
    "looped over": f"for p in [{TYPED!r}]:\n    if False: bw_session.unlock(password=p)",
    "handed to a function": (
        f"def unlock(p):\n    if False: bw_session.unlock(password=p)\nunlock({TYPED!r})"
    ),
    "a shell line": f"!: bw unlock {TYPED}",
    "a cell for a shell": f"%%bash\n: bw unlock {TYPED}",
    "a subprocess": f"_ = subprocess.run(['true'], env={{'BW_PASSWORD': {TYPED!r}}})",
    "a question mark": f"?%bw_unlock {TYPED}",
}


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_typed_in_other_ways_it_stays_where_it_is(guarded: Kernel, way: str) -> None:
    guarded.run(OTHER_WAYS[way])

    raw = "get_ipython().history_manager.input_hist_raw"
    assert TYPED in guarded.run(f"print({raw}[-2])").text


def test_typed_in_other_ways_an_earlier_cell_keeps_it(guarded: Kernel) -> None:
    guarded.run(f"p = {TYPED!r}")
    guarded.run("if False: bw_session.unlock(password=p)")

    assert TYPED in guarded.run("print(In[-3])").text


def test_typed_in_other_ways_a_file_keeps_it(guarded: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"if False: bw_session.unlock(password={TYPED!r})")
    came = guarded.run(f"%run -i {path}", answers=["nobody is asked"])

    assert "a secret" not in came.text
    assert TYPED in path.read_text()


def test_simple_words_leave_their_own_line_only(guarded: Kernel) -> None:
    came = guarded.run("word = 'Kunigunde'\n%bw_unlock Kunigunde")

    assert came.error == "SecretTyped"
    assert "Kunigunde" in guarded.run("print(word)").text
    assert "run_line_magic('bw_unlock', '')" in guarded.run("print(In[-3])").text


PLOT = """
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from IPython.display import Image
figure = plt.figure(); figure.text(0.1, 0.5, s)
f = io.BytesIO(); figure.savefig(f, format="png", metadata={"Software": None})
Image(f.getvalue())
"""


def test_pixels_and_sound_are_sent_as_they_are(
    kernel: str, guarded: Kernel, unguarded: Kernel
) -> None:
    if kernel != NEWEST and guarded.run("import matplotlib").error:
        pytest.skip("needs matplotlib beside that kernel: make leaks installs it")
    pictures = [
        message["content"]["data"]["image/png"]
        for each in (guarded, unguarded)
        for message in each.run(PLOT).all
        if message["header"]["msg_type"] == "execute_result"
    ]

    assert len(pictures) == 2
    assert pictures[0] == pictures[1]


def test_binary_buffers_are_sent_as_they_are(guarded: Kernel) -> None:
    came = guarded.run(
        "from ipykernel.comm import Comm\n"
        "Comm(target_name='leak', data={}, buffers=[s.encode()]).close()"
    )
    buffers = [bytes(b) for message in came.all for b in message.get("buffers", ())]

    assert MARKERS["password"].encode() in buffers


def test_files_hold_what_is_written_to_them(guarded: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "written.txt"
    guarded.run(f"import pathlib; _ = pathlib.Path({str(path)!r}).write_text(s)")

    assert found_in_files([path])


@pytest.mark.parametrize("magic", ["%notebook", "%logstart -o"])
def test_magics_that_record_outputs_keep_what_a_cell_returned(
    kernel: str, guarded: Kernel, tmp_path: Path, magic: str
) -> None:
    path = tmp_path / "recorded.ipynb"
    for cell in ("s", f"{magic} {path}", "s"):
        assert MARKERS["password"] not in guarded.run(cell).text
    guarded.run("%logstop")

    # The older ones export cells without their outputs.
    assert bool(found_in_files([path])) == (magic != "%notebook" or kernel == NEWEST)


def test_a_history_that_keeps_outputs_keeps_what_a_cell_returned(
    guarded: Kernel, guarded_home: Path
) -> None:
    history = "get_ipython().history_manager"
    guarded.run(f"{history}.db_log_output = True")
    guarded.run("s")
    guarded.run(f"{history}.writeout_cache(); {history}.db_log_output = False")

    assert found_in_files([guarded_home])


def test_code_in_the_same_kernel_reads_the_open_vault(guarded: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "read.txt"
    guarded.run(
        "import pathlib\n"
        f"_ = pathlib.Path({str(path)!r}).write_text(bw_session['Warehouse DB'].password)"
    )

    assert path.read_text()


def test_other_programs_keep_what_they_are_given(guarded: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    guarded.run(f"_ = subprocess.run(['sh', '-c', 'echo \"$1\" > {path}', 'sh', s])")

    assert found_in_files([path])


def test_the_environment_is_what_programs_can_read(guarded: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "environment.txt"
    guarded.run(
        "os.environ['LEAKED'] = s\n"
        f"_ = subprocess.run('printenv LEAKED > {path}', shell=True); del os.environ['LEAKED']"
    )

    assert found_in_files([path])


def test_remote_workers_write_logs_of_their_own(guarded: Kernel, tmp_path: Path) -> None:
    """A fresh interpreter stands for a worker: nothing there has a guard."""
    path = tmp_path / "worker.log"
    guarded.run(
        "_ = subprocess.run([sys.executable, '-c', 'import sys; print(sys.argv[1])', s],"
        f" stdout=open({str(path)!r}, 'w'))"
    )

    assert found_in_files([path])
