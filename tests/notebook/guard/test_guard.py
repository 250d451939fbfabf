"""What the guard learns and what it leaves alone, in a kernel's process and a terminal's."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session

from bw_magics.announcing import Secrets
from bw_magics.demo.accounts import first_account
from bw_magics.matching.mask import MASK
from bw_magics.notebook.guard.guard import HOW_TO_LOOK, Guard
from bw_magics.secret import Secret, SecretBytes
from bw_magics.session.vault import Vault
from tests.later import joblib, pandas, pyarrow

SECRET = "correct horse battery"


class Stage:
    """A guard on a shell whose kernel sends nowhere, and what the guard said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.session = Session(key=b"key")
        shell = SimpleNamespace(kernel=SimpleNamespace(session=self.session))
        self.guard = Guard(shell, self.said.append)

    def sent(self, text: str) -> str:
        """What becomes of a printed text."""
        message = self.session.msg("stream", {"name": "stdout", "text": text})
        return str(self.session.unpack(self.session.serialize(message)[-1])["text"])


@pytest.fixture
def stage() -> Any:
    stage = Stage()
    stage.guard.show_secrets("plain")
    yield stage
    stage.guard.close()


def test_a_secret_is_masked_from_the_moment_it_is_learnt(stage: Stage) -> None:
    assert stage.sent(SECRET) == SECRET
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))

    assert stage.sent(f"<{SECRET}>") == f"<{MASK}>"
    assert stage.guard.knows(f"x {SECRET}")
    assert stage.guard.knows(f"x {SECRET}".encode())
    assert not stage.guard.knows("x")
    assert stage.said == []


def test_of_a_value_that_is_known_nothing_is_asked_any_more(stage: Stage) -> None:
    asked: list[None] = []

    def ask() -> bool:
        asked.append(None)
        return False

    for _ in range(3):
        stage.guard.learn(Secret(SECRET, "Warehouse DB / password"), is_elsewhere=ask)

    assert len(asked) == 1


def _arrow(values: list[Any], kind: Any) -> object:
    return pandas.Series(values, dtype=pandas.ArrowDtype(kind))


ARROW: dict[str, Callable[[str], object]] = {
    "frame": lambda text: pandas.DataFrame({"a": [text, "other"]}, dtype="string[pyarrow]"),
    "column": lambda text: pandas.Series(["x", text], dtype="string[pyarrow]"),
    "index": lambda text: pandas.Index([f"user:{text}"], dtype="string[pyarrow]"),
    "names": lambda text: pandas.DataFrame({"a": [1]}).rename(
        index={0: text}).pipe(lambda frame: frame.set_index(frame.index.astype("string[pyarrow]"))),
    "large": lambda text: pandas.Series([text], dtype=pandas.ArrowDtype(pyarrow.large_string())),
    "list": lambda text: _arrow([[text]], pyarrow.list_(pyarrow.string())),
    "structure": lambda text: _arrow([{"a": text}], pyarrow.struct([("a", pyarrow.string())])),
    "map": lambda text: _arrow([[("a", text)]], pyarrow.map_(pyarrow.string(), pyarrow.string())),
    "distinct": lambda text: _arrow([text], pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
    "view": lambda text: _arrow([text], pyarrow.string_view()),
    "bytes": lambda text: _arrow([text.encode()], pyarrow.binary()),
    "chunks": lambda text: pandas.concat(
        [pandas.Series([each], dtype="string[pyarrow]") for each in ("x", text)]),
}  # fmt: skip


@pytest.mark.parametrize("make", ARROW.values(), ids=ARROW)
def test_pandas_does_not_pickle_a_secret_that_it_made_plain_text(
    stage: Stage, make: Callable[[str], object]
) -> None:
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))
    make("loads pandas in the cell")
    stage.guard.after_cell()

    for dump in (pickle.dumps, lambda value: joblib.dump(value, io.BytesIO())):
        with pytest.raises(TypeError, match="not pickled") as caught:
            dump(make(SECRET))
        assert SECRET not in str(caught.value)
    assert pickle.loads(pickle.dumps(make("nothing of ours"))) is not None

    stage.guard.show_secrets(False)
    assert SECRET.encode() in pickle.dumps(make(SECRET)), "control: it would be in the file"


def test_rows_that_a_column_no_longer_shows_do_not_count(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))
    stage.guard.after_cell()
    column = pandas.Series([SECRET, "plain", None], dtype="string[pyarrow]")

    assert SECRET.encode() not in pickle.dumps(pyarrow.array(["plain"]))
    assert pickle.dumps(column[1:].reset_index(drop=True))


def test_what_was_learnt_is_known_to_the_next_guard_of_the_process(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))
    stage.guard.close()
    assert stage.sent(SECRET) == SECRET

    again = Stage()
    again.guard.show_secrets("plain")
    assert again.sent(SECRET) == MASK
    again.guard.close()


def test_the_demo_s_master_password_is_shown_to_the_person_who_types_it(stage: Stage) -> None:
    password = first_account(iterations=5000).master_password
    stage.guard.learn(Secret(password, "BW_PASSWORD"))
    stage.guard.learn_quietly(password)

    assert stage.sent(password) == password
    assert stage.said == []


def test_of_a_one_time_code_too_short_to_be_masked_that_is_said(stage: Stage) -> None:
    stage.guard.learn(Secret("7Y9HB", "Game account / totp"), lifetime=20)

    assert stage.sent("7Y9HB") == "7Y9HB"
    assert stage.said[0].startswith("Game account / totp is not masked in outputs")


@pytest.mark.parametrize(
    "value",
    [
        "ab12", "password", "postgres", "123456", "  a1  ", "------", "2024-01-15", "15.01.2024",
        "2024-01-15T10:00:07Z", "15 January 2024", "Jan 15, 2024", "10:00:07", "1,234,567",
        "12.3456", "12.5 %", "192.168.0.1", "10.0.0.0/16", "2001:db8::1", "https://db.example.org/",
        "localhost:5432", "1.25.3", "#ff8800", "us-east-1",
    ],
)  # fmt: skip
def test_a_value_too_ordinary_is_not_masked_which_is_said_once(stage: Stage, value: str) -> None:
    for _ in range(3):
        stage.guard.learn(Secret(value, "Warehouse DB / password"))

    assert stage.sent(value) == value
    assert len(stage.said) == 1
    assert stage.said[0].startswith("Warehouse DB / password is not masked in outputs")
    assert value.strip() not in stage.said[0].replace("Warehouse DB / password", "")


def test_a_value_that_also_names_its_item_is_not_masked(stage: Stage) -> None:
    stage.guard.learn(Secret("etl-service-account", "X / password"), is_elsewhere=lambda: True)

    assert stage.sent("etl-service-account") == "etl-service-account"
    assert "a name" in stage.said[0]


def test_many_ordinary_values_are_not_a_flood_of_remarks(stage: Stage) -> None:
    for number in range(50):
        stage.guard.learn(Secret("123", f"Card {number} / code"))

    assert len(stage.said) == 6
    assert stage.said[-1].startswith("More values")


def test_a_one_time_code_is_masked_for_its_life(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 500.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    stage.guard.learn(Secret("739204", "X / totp"), lifetime=12)

    assert stage.sent("739204, 17392045") == f"{MASK}, 17392045"
    now += 43
    assert stage.sent("739204") == "739204"


def test_what_is_not_a_secret_in_a_passkey_is_left_alone(stage: Stage) -> None:
    stage.guard.learn(Secret("photos.example.org", "X / passkey rpId"))
    stage.guard.learn(Secret("passkey-key-material", "X / passkey keyValue"))

    assert stage.sent("photos.example.org passkey-key-material") == f"photos.example.org {MASK}"
    assert stage.said == []


def test_a_file_is_masked_as_text_or_as_what_bytes_look_like(stage: Stage) -> None:
    binary = bytes(range(256)) * 40
    stage.guard.learn(SecretBytes(b"token = hunter2x-long\nsecret = hunter3y-long", "k.txt"))
    stage.guard.learn(SecretBytes(binary, "k.bin"))

    assert stage.sent("secret = hunter3y-long") == f"secret = {MASK}"
    assert "000102030405" not in stage.sent(binary.hex())


RUNBOOK = """Runbook of the warehouse
CREATE TABLE IF NOT EXISTS sales (id int, amount numeric);
SELECT region, sum(amount) FROM sales GROUP BY region;
https://wiki.example.org/display/DATA/Warehouse+Runbook
{"type": "service_account", "project_id": "acme-analytics"}
DB_NAME=analytics
STAGE=europe-west
frame = pandas.read_sql("SELECT * FROM sales", engine)
DB_PASSWORD=Tr0ub4dor-and-3
postgresql://etl:s3cr3t-pw@db.example.org/analytics
"""
HONEST = [line for line in RUNBOOK.splitlines() if "Tr0ub4dor" not in line and "s3cr3t" not in line]


@pytest.mark.parametrize("text", [*HONEST, "analytics", "europe-west", "service_account"])
def test_prose_and_settings_of_a_note_stay_readable(stage: Stage, text: str) -> None:
    stage.guard.learn(Secret(RUNBOOK, "Runbook / notes"))

    assert stage.sent(f"| {text} |") == f"| {text} |"


def test_the_secrets_of_a_note_are_masked_however_it_is_taken_apart(stage: Stage) -> None:
    stage.guard.learn(Secret(RUNBOOK, "Runbook / notes"))
    password = RUNBOOK.partition("DB_PASSWORD=")[2].split()[0]

    assert stage.sent(RUNBOOK) == MASK
    assert stage.sent(repr(RUNBOOK.splitlines())).count(MASK) == 2
    assert stage.sent(str({"password": password})) == f"{{'password': '{MASK}'}}"
    assert stage.sent("s3cr3t-pw") == MASK


def test_a_key_in_json_is_masked_when_it_is_parsed(stage: Stage) -> None:
    lines = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw", "ggSjAgEAAoIBAQC7VJTUt9Us8cKj"]
    armoured = ["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""]
    account = {"type": "service_account", "private_key": "\n".join(armoured)}
    stage.guard.learn(Secret(json.dumps(account), "Service / notes"))

    for shown in (account["private_key"], repr(account), json.dumps(account, indent=2), *lines):
        assert not any(line in stage.sent(shown) for line in lines)
    assert stage.sent("service_account") == "service_account"


def test_of_a_long_value_it_says_what_is_not_searched_for(stage: Stage) -> None:
    rows = "\n".join(f"{number},customer {number},2024-01-15" for number in range(9000))
    for _ in range(2):
        stage.guard.learn(Secret(rows, "Customers / customers.csv"))

    assert len(stage.said) == 1
    assert stage.said[0].startswith("Customers / customers.csv is long.")
    assert rows[100_000:102_100] not in stage.sent(rows)


@pytest.mark.parametrize("name", ["BW_PASSWORD", "BW_CLIENTSECRET", "BW_SESSION"])
def test_what_the_environment_holds_is_known_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, SECRET)
    stage = Stage()
    stage.guard.show_secrets("plain")

    assert stage.sent(SECRET) == MASK
    stage.guard.close()


def test_off_nothing_is_masked_and_on_again_what_was_learnt_meanwhile_is(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "X / password"))
    stage.guard.show_secrets(False)
    assert "serialize" not in vars(stage.session)
    stage.guard.learn(Secret("another long secret", "Y / password"))

    assert stage.sent(SECRET + " another long secret") == SECRET + " another long secret"
    stage.guard.show_secrets("plain")
    assert stage.sent(SECRET + " another long secret") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    "value",
    [" " * 20, "\n" * 30, "\u3000" * 12, "-" * 40, "x" * 1_000_000, "0" * 1_000],
    ids=["blanks", "lines", "wide blanks", "a rule", "one letter, 1 MB", "zeros"],
)
def test_a_value_of_one_repeated_character_damages_nothing(stage: Stage, value: str) -> None:
    stage.guard.learn(Secret(value, "X / password"))

    assert stage.sent(f"a{value}b") == f"a{value}b"
    assert stage.said[0].startswith("X / password is not masked in outputs")


def test_the_first_masking_is_explained_after_its_cell_and_only_that_one(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "X / password"))
    stage.guard.after_cell()
    assert stage.said == []
    for _ in range(2):
        stage.sent(SECRET)
        stage.guard.after_cell()

    assert len(stage.said) == 1
    assert HOW_TO_LOOK in stage.said[0]
    # Nothing in it can be copied into a cell to turn the guard off.
    assert not re.search(r"redact\b|%config|BW_MAGICS|\.py\b|import|guard", stage.said[0])


def test_it_learns_from_a_vault_and_a_prompt_until_it_is_closed(stage: Stage) -> None:
    before: list[str] = []
    vault = Vault(on_secret=before.append)
    prompt = SimpleNamespace(on_answer=None)
    own = vault.on_secret
    stage.guard.watch(prompt)
    assert vault.on_secret is not None
    Secrets().make(SECRET, "X / password")
    prompt.on_answer(Secret("typed-at-the-prompt", "Master password"))
    prompt.on_answer(Secret("user.not-a-secret-at-all", "client_id"))

    of_another = Vault().generate()

    shown = stage.sent(f"{SECRET} typed-at-the-prompt user.not-a-secret-at-all {of_another}")
    assert shown == f"{MASK} {MASK} user.not-a-secret-at-all {MASK}"
    stage.guard.close()
    assert not stage.guard.knows(Vault().generate())
    assert vault.on_secret is own
    assert prompt.on_answer is None
    assert stage.sent(SECRET) == SECRET


TERMINAL = """
%load_ext bw_magics
%config BwMagics.redact = 'plain'
from bw_magics.secret import Secret
from bw_magics.notebook.extension import registered
guard = registered(get_ipython()).guard
s = "correct horse" + " battery"
guard.learn(Secret(s, "X / password"))
print("printed", s)
s
{"in": [s]}
print(s[:9], end=""); print(s[9:])
import logging; logging.getLogger("x").warning(s)
from bw_magics.notebook.guard.hooks.passage import letting_through
with letting_through(): print("revealed", s)

int(s)
%config BwMagics.redact = False
print("open", s)
import sys; print("left behind:", "Terminal" in repr([vars(sys.stdout), vars(sys.stderr)]))
"""


FIRST_PANDAS = """
%load_ext bw_magics
%config BwMagics.redact = 'plain'
from bw_magics.secret import Secret
from bw_magics.notebook.extension import registered
s = "correct horse" + " battery"
registered(get_ipython()).guard.learn(Secret(s, "X / password"))
import sys; print("loaded before:", "pandas" in sys.modules)
import io, pandas; b = io.BytesIO(); pandas.Series([s], dtype="string[pyarrow]").to_pickle(b)
print("pickled:", s.encode() in b.getvalue())
print("waits:", any("bw_magics" in type(each).__module__ for each in sys.meta_path))
"""


def in_a_terminal(lines: str, folder: Path) -> str:
    """Runs lines in a terminal's IPython; returns what it shows."""
    finished = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input=lines,
        env={
            **os.environ,
            "IPYTHONDIR": str(folder),
            "HOME": str(folder),
            "BW_MAGICS_REDACT": "off",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return finished.stdout + finished.stderr


def test_the_cell_that_imports_pandas_pickles_no_secret(tmp_path: Path) -> None:
    shown = in_a_terminal(FIRST_PANDAS, tmp_path)

    assert "loaded before: False" in shown
    assert "TypeError: A pandas column holds a secret as plain text" in shown
    assert "pickled: False" in shown
    assert "waits: False" in shown


def test_a_terminal_shows_no_secret(tmp_path: Path) -> None:
    shown = in_a_terminal(TERMINAL, tmp_path)

    assert f"printed {MASK}" in shown
    assert shown.count(SECRET) == 2, shown
    assert f"revealed {SECRET}" in shown
    assert f"open {SECRET}" in shown
    assert "left behind: False" in shown
    assert HOW_TO_LOOK in shown


def test_a_stream_that_was_captured_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(SimpleNamespace(), lambda line: None)
    captured = io.StringIO()
    monkeypatch.setattr(sys, "stdout", captured)
    guard.show_secrets("plain")
    guard.learn(Secret(SECRET, "X / password"))
    print(SECRET)
    guard.close()

    assert captured.getvalue() == f"{SECRET}\n"
