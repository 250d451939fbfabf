"""`%bw_get attachment`: bytes to use, or a file that was asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import FieldNotFound, NotFound, UsageMistake
from bw_magics.secret import MASK, SecretBytes
from tests.notebook.conftest import ITERATIONS, Notebook, variables

ITEM, NAME = "Forecasting service account", "service-account.json"


def test_bytes_are_returned_and_do_not_show_themselves(unlocked: Notebook) -> None:
    came = unlocked(f"%bw_get attachment {NAME} --itemid '{ITEM}'")

    value: object = came.value
    assert isinstance(value, SecretBytes)
    assert value.count(b"private_key") > 0
    assert MASK in came.text
    assert "private_key" not in came.text


@pytest.mark.parametrize(
    "line",
    [
        "%bw_get attachment über uns.txt --itemid {id}",
        "%bw get attachment 'über uns.txt' --itemid {id} --raw",
        "%bw_get bw://{id}/attachment/über uns.txt",
    ],
)
def test_a_file_is_named_as_in_the_cli_or_by_a_reference(unlocked: Notebook, line: str) -> None:
    unlocked.shell.user_ns["id"] = unlocked(f"bw_session['{ITEM}'].id").value
    line = line.replace("{id}", unlocked.shell.user_ns["id"])

    assert unlocked(line).value == "Grüße\n".encode()


def test_a_file_is_written_because_it_was_asked_for(unlocked: Notebook) -> None:
    first = unlocked(f"%bw_get attachment {NAME} --itemid '{ITEM}' --output keys/")
    second = unlocked(f"%bw_get attachment {NAME} --itemid '{ITEM}' --output keys/{NAME}")

    path = Path("keys") / NAME
    assert b"private_key" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.value is None
    assert "saved" in first.lines[-1]
    assert "replaced" in second.lines[-1]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (f"%bw_get attachment {NAME}", UsageMistake),
        (f"%bw_get attachment {NAME} --itemid nothing-of-that-name", NotFound),
        (f"%bw_get attachment another.json --itemid '{ITEM}'", FieldNotFound),
        (f"%bw_get attachment {NAME} --itemid '{ITEM}' --output /proc/none/x", UsageMistake),
        ("%bw_get password Warehouse DB --output file.txt", UsageMistake),
        (f"%bw_get 'bw://{ITEM}/attachment/another.json'", FieldNotFound),
        (f"%bw_get 'bw://No such/attachment/{NAME}'", NotFound),
    ],
)
def test_a_mistaken_line_is_one_typed_error(
    unlocked: Notebook, line: str, error: type[Exception]
) -> None:
    refusal = unlocked.refusal(line)

    assert type(refusal) is error
    assert "another.json" not in str(refusal)
    assert refusal.remedy


def test_a_reference_to_a_file_can_be_an_environment_variable(unlocked: Notebook) -> None:
    unlocked(f"%bw_env NOTE='bw://{ITEM}/attachment/über uns.txt'")

    assert unlocked("import os; os.environ['NOTE']").value == "Grüße\n"


@pytest.fixture
def elsewhere(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[DemoServer]:
    """A server that names its files at another origin than the one it is reached at."""
    with DemoServer(iterations=ITERATIONS, named="127.0.0.1") as server:
        authority = tmp_path / "authority.pem"
        authority.write_bytes(server.certificate_authority)
        for name, value in variables(server).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BW_CA_FILE", str(authority))
        yield server


def test_files_at_another_origin_are_refused_until_the_authority_names_both(
    elsewhere: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f'%bw_get "bw://{ITEM}/attachment/{NAME}"'
    other = elsewhere.url.replace("localhost", "127.0.0.1")
    notebook("%bw_login\n%bw_unlock")

    assert f'BW_CA_FILE="ca.pem {other}"' in str(notebook.refusal(line).remedy)

    notebook("%bw_logout")
    monkeypatch.setenv("BW_CA_FILE", f"{os.environ['BW_CA_FILE']} {other}")
    notebook("%bw_login\n%bw_unlock")
    assert isinstance(notebook(line).value, SecretBytes)
