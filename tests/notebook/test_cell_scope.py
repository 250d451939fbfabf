"""`%%bw_env` in a real kernel: the cell below it is the cell that it is without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from tests.notebook.conftest import variables
from tests.notebook.kernel import PATIENCE, Kernel, at_home, kernel

HOST = "warehouse.demo.example"
HEADER = '%%bw_env BWM_HOST="bw://Warehouse DB/host" BWM_PASSWORD="bw://Warehouse DB/password"'
SET = f"os.environ.update(BWM_HOST={HOST!r}, BWM_PASSWORD=str(_password))"
UNSET = "for _n in ('BWM_HOST', 'BWM_PASSWORD'): os.environ.pop(_n, None)"


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """A kernel with an unlocked vault."""
    home = tmp_path_factory.mktemp("home")
    with kernel(at_home(home, shared_server, **variables(shared_server))) as started:
        setup = f"import os; os.chdir({str(home)!r})\n%bw_login\n%bw_unlock\n"
        assert started.run(setup + "_password = bw_session['Warehouse DB'].password").ok
        started.run("print(_password)")  # the guard explains its mask once, here
        yield started


def is_clean(kernel: Kernel) -> bool:
    # A value: what is printed may come late with old kernels.
    outcome = kernel.run("[n for n in __import__('os').environ if n.startswith('BWM_')]")
    return [data["text/plain"] for data in outcome.displayed] == ["[]"]


def told(kernel: Kernel, code: str) -> str:
    """Everything that the kernel sends of a cell, without what differs from run to run."""
    kernel.messages.clear()
    kernel.run(code)
    found: list[Any] = []
    for message in kernel.messages:
        kind, content = message["header"]["msg_type"], dict(message["content"])
        if kind in ("status", "execute_input"):
            continue
        content.pop("execution_count", None)
        if kind == "stream" and found and found[-1][0] == kind == "stream":
            found[-1][1]["text"] += content["text"]
            continue
        found.append((kind, content))
    text = re.sub(r"\x1b\[[0-9;]*m", "", json.dumps(found, ensure_ascii=False, sort_keys=True))
    text = re.sub(r"(\\u001b|\\x1b)\[[0-9;]*m", "", text)
    text = re.sub(r"In ?\[\d+\]|\d+\.py", "n", text)
    text = re.sub(r"\d[\d.e+-]* ?(?:[nµμm]?s)\b|\"engine_\w+\": [^,}]+", "t", text)
    return re.sub(r"get_ipython\(\)\.run_line_magic\('bw_env', .*?'\)", "# its line", text)


BODIES = {
    "a value": "x = 40\nx + 2",
    "no value": "x = 40;\nx;",
    "several outputs": "print('one')\ndisplay('two')\nprint('three')\n{'four': 4}",
    "the variable": "os.environ['BWM_HOST']",
    "a secret": "print(os.environ['BWM_PASSWORD'])",
    "a failure": "def fail():\n    return 1 / 0\n\nprint('before')\nfail()\nprint('never')",
    "a typed error": "%bw_get password Nobody has this",
    "a syntax error": "x = 1\nx = = 2",
    "a bad indent": "if True:\nx = 1",
    "an unknown magic": "%no_such_magic",
    "await": "import asyncio\nawait asyncio.sleep(0)\nos.environ['BWM_HOST']",
    "a failure after await": "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
    "async for": "async def g():\n    yield 1\n[x async for x in g()]",
    "a shell line": "!echo $BWM_HOST",
    "a shell assignment": "out = !echo $BWM_HOST\nout",
    "a subprocess": "import subprocess\nsubprocess.run('echo $BWM_HOST', shell=True, "
    "capture_output=True, text=True).stdout",
    "a line magic": "%env BWM_HOST",
    "a pipe of help": "x = 1\nx?",
    "the future": "from __future__ import annotations\nx: nothing = 1\nx",
    "indented": "    x = 1\n    if x:\n        x += 1\n    x",
    "prompts": ">>> x = 1\n>>> x + 1",
    "a docstring": '"""Text."""',
    "comments only": "# nothing\n# more",
    "nothing": "",
    "blank lines": "\n\n\nx = 1\nx",
    "lines": "x = 'a\\nb'\nprint(x)\nimport inspect\ninspect.currentframe().f_lineno",
    "a cell within": "print(get_ipython().run_cell('1 + 1').result)\nos.environ['BWM_HOST']",
    "an empty cell within": "get_ipython().run_cell('')\nos.environ['BWM_HOST']",
    "a failing cell within": "get_ipython().run_cell('1/0')\nos.environ['BWM_HOST']",
    "input": "get_ipython().set_next_input('x = 1')",
    "%%bash": "%%bash\necho $BWM_HOST",
    "%%bash that fails": "%%bash\necho $BWM_HOST\nexit 3",
    "%%time": "%%time\nos.environ['BWM_HOST']",
    "%%time that fails": "%%time\n1 / 0",
    "%%capture": "%%capture out\nprint(os.environ['BWM_HOST'])",
    "%%timeit": "%%timeit -n 1 -r 1 -q\nos.environ['BWM_HOST']",
    "%%script": "%%script cat\ntext",
    "%%html": "%%html\n<b>bold</b>",
    "%%python": "%%python\nimport os\nprint(os.environ['BWM_HOST'])",
    "an unknown cell magic": "%%no_such_magic\nx",
    "blank lines and %%bash": "\n\n%%bash\necho $BWM_HOST",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_cell_is_what_it_is_without_it(running: Kernel, body: str) -> None:
    is_magic, is_indented = body.lstrip().startswith("%%"), body.startswith(" ")
    # Without the header something else has to be its line, or the line numbers differ.
    without = body if is_magic or is_indented else f"# its line\n{body}"
    running.run(SET)
    expected = told(running, without)
    running.run(UNSET)

    came = told(running, f"{HEADER}\n{body}")

    if is_magic:
        # A cell magic has to be the first line: there the numbers do differ, by that line.
        came = came.replace("      1 # its line\\n", "").replace("> 2 ", "> 1 ")
        came = came.replace("line 2", "line 1")
    assert came == expected
    assert is_clean(running)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (f"%%time\n{HEADER}\nos.environ['BWM_HOST']", f"'{HOST}'"),
        (f"{HEADER}\n%%bw_env BWM_THIRD=bw://Warehouse DB/port\nos.environ['BWM_THIRD']", "'5432'"),
        ("%%bw env BWM_HOST=bw://Warehouse DB/host\nos.environ['BWM_HOST']", f"'{HOST}'"),
        ("%bw_env --cell BWM_HOST=bw://Warehouse DB/host\nos.environ['BWM_HOST']", f"'{HOST}'"),
        ("%%bw_env BWM_HOST=$_ref\nos.environ['BWM_HOST']", f"'{HOST}'"),
        ("%%bw_env BWM_HOST={_ref} # why\nos.environ['BWM_HOST']", f"'{HOST}'"),
    ],
)
def test_it_nests_and_has_a_form_for_within(running: Kernel, cell: str, expected: str) -> None:
    running.run("_ref = 'bw://Warehouse DB/host'")

    outcome = running.run(cell)

    assert outcome.ok, outcome
    assert [data["text/plain"] for data in outcome.displayed] == [expected]
    assert is_clean(running)


@pytest.mark.parametrize(
    ("line", "ename"),
    [
        ("BWM_HOST=bw://Nobody/password", "NotFound"),
        ("BWM_HOST=bw://Warehouse DB/pasword", "FieldNotFound"),
        ("BWM_HOST=bw://Reporting/password", "Ambiguous"),
        ("BWM_HOST=hunter2", "SecretTyped"),
        ('BWM_HOST="bw://Warehouse DB/host', "UsageMistake"),
        ("BWM_HOST=$_no_such_variable", "UsageMistake"),
        ("", "UsageMistake"),
    ],
)
def test_a_mistake_in_its_line_runs_nothing_of_the_cell(
    running: Kernel, line: str, ename: str
) -> None:
    running.messages.clear()
    outcome = running.run(f"%%bw_env {line}\nprint('never')")

    assert outcome.assert_one_line(ename)
    assert "never" not in outcome.text
    shown = [m for m in running.messages if m["header"]["msg_type"] != "execute_input"]
    assert "hunter2" not in json.dumps([message["content"] for message in shown])
    assert is_clean(running)


@pytest.mark.parametrize(
    "sleep",
    [
        "import time; time.sleep(60)",
        "import asyncio\nfor _ in range(600):\n    await asyncio.sleep(0.1)",
    ],
    ids=["sleep", "await"],
)
def test_an_interrupt_takes_them_back(running: Kernel, sleep: str) -> None:
    asked = running.client.execute(f"{HEADER}\nprint('started', flush=True)\n{sleep}")
    while True:
        message = running.client.get_iopub_msg(timeout=PATIENCE)
        if message["header"]["msg_type"] == "stream" and "started" in message["content"]["text"]:
            break
    running.manager.interrupt_kernel()
    while True:
        message = running.client.get_iopub_msg(timeout=PATIENCE)
        is_its = message["parent_header"].get("msg_id") == asked
        if is_its and message["content"].get("execution_state") == "idle":
            break
    reply = running.client.get_shell_msg(timeout=PATIENCE)
    while reply["parent_header"]["msg_id"] != asked:
        reply = running.client.get_shell_msg(timeout=PATIENCE)

    assert reply["content"]["status"] == "error"
    assert is_clean(running)


def test_a_lock_in_the_cell_takes_them_at_once(running: Kernel) -> None:
    outcome = running.run(f"{HEADER}\n%bw_lock\nprint('BWM_HOST' in os.environ)")
    assert outcome.lines[-1] == "False"

    outcome = running.run("%bw_unlock\nprint('BWM_HOST' in os.environ)")
    assert outcome.lines[-1] == "False"
    running.run("_password = bw_session['Warehouse DB'].password")


def test_what_the_cell_itself_changes_stays(running: Kernel) -> None:
    running.run(f"{HEADER}\nos.environ['BWM_HOST'] = 'mine'\ndel os.environ['BWM_PASSWORD']")

    assert running.run("print(os.environ.pop('BWM_HOST'))").lines == ["mine"]
    assert is_clean(running)


def test_a_cell_over_what_lasts_gives_it_back(running: Kernel) -> None:
    running.run("%bw_env BWM_HOST=bw://Warehouse DB/port")
    outcome = running.run(f"{HEADER}\nprint(os.environ['BWM_HOST'])")
    assert outcome.lines == [HOST]

    assert running.run("print(os.environ['BWM_HOST'])").lines == ["5432"]
    running.run("%bw_lock\n%bw_unlock")
    assert running.run("print(os.environ['BWM_HOST'])").lines == ["5432"]
    running.run(
        "%bw_logout\n%bw_login\n%bw_unlock\n_password = bw_session['Warehouse DB'].password"
    )
    assert is_clean(running)


def test_a_notebook_without_a_person_stops_at_the_cell_that_fails(
    shared_server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat.v4 as v4
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    authority = tmp_path / "authority.pem"
    authority.write_bytes(shared_server.certificate_authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    for name, value in variables(shared_server).items():
        monkeypatch.setenv(name, value)
    cells = ["%load_ext bw_magics\n%bw_login\n%bw_unlock", f"{HEADER}\n1 / 0", "print('never')"]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])

    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(notebook, kernel_name="python3", timeout=240).execute()

    assert caught.value.ename == "ZeroDivisionError"
    assert notebook.cells[2].outputs == []


def test_a_reference_is_a_parameter_of_papermill(
    shared_server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    import nbformat.v4 as v4

    papermill: Any = pytest.importorskip("papermill")
    authority = tmp_path / "authority.pem"
    authority.write_bytes(shared_server.certificate_authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    for name, value in variables(shared_server).items():
        monkeypatch.setenv(name, value)
    parameters = v4.new_code_cell("db_ref = ''", metadata={"tags": ["parameters"]})
    code = [
        "%load_ext bw_magics\n%bw_login\n%bw_unlock",
        "password = %bw_get $db_ref\nprint(len(password))\npassword",
        "%%bw_env BWM_PASSWORD=$db_ref\nimport os\nos.environ['BWM_PASSWORD'] == password",
    ]
    cells = [parameters, *(v4.new_code_cell(cell) for cell in code)]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "in.ipynb")

    papermill.execute_notebook(
        tmp_path / "in.ipynb",
        tmp_path / "out.ipynb",
        parameters={"db_ref": "bw://Work/Databases/Warehouse DB/password"},
        kernel_name="python3",
        progress_bar=False,
    )

    saved = (tmp_path / "out.ipynb").read_text()
    password = next(
        item["login"]["password"]
        for item in shared_server.account_items(shared_server.accounts[0])
        if item["name"] == "Warehouse DB"
    )
    assert password not in saved
    assert "bw://Work/Databases/Warehouse DB/password" in saved
    assert "'text/plain': 'True'" in repr(nbformat.read(tmp_path / "out.ipynb", 4).cells[-1])
