"""Fingerprints find values without having them, and nothing in their file turns back into one."""

from __future__ import annotations

import base64
import json
import random
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import CredentialsMissing, Unreadable, UsageMistake
from bw_magics.scan.fingerprints import KEY_VARIABLE, Fingerprints, bits, make_key, read_key
from bw_magics.scan.scan import Scan
from bw_magics.secret import Secret

KEY = bytes(range(32))
TOKEN = "xK9mQ2vT7pL4sR8w"
SIGNS = "aB3$dE5!fG7&hJ9<kL2"
PEM = "-----BEGIN PRIVATE KEY-----\n" + "".join(
    base64.b64encode(random.Random(line).randbytes(48)).decode() + "\n" for line in range(6)
)
LABELS = {TOKEN: "Mail / token", SIGNS: "DB / password", PEM: "SSH / privateKey"}
MADE, LEFT_OUT = Fingerprints.of([Secret(*each) for each in LABELS.items()], KEY)


def labels(data: bytes) -> set[str]:
    assert MADE.may_hold(data) or not MADE.matches(data)
    return {label for match in MADE.matches(data) for label in match.labels}


FORMS = {
    "plain": f"token = '{TOKEN}'",
    "glued to other letters": f"abc{TOKEN}def",
    "in a URL": f"https://user:{urllib.parse.quote(SIGNS, safe='')}@db.example.com",
    "in JSON": json.dumps({"p": SIGNS}),
    "in base64 with its user": base64.b64encode(f"user:{TOKEN}".encode()).decode(),
    "in hex": SIGNS.encode().hex(),
    "a line of a key": PEM.splitlines()[3],
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_a_value_are_found_and_named(form: str) -> None:
    expected = {PEM: "key", TOKEN: "Mail", SIGNS: "DB"}
    text = FORMS[form]
    wanted = next(
        label
        for value, label in LABELS.items()
        if ("key" in form and value == PEM) or ("key" not in form and value in (TOKEN, SIGNS))
    )
    found = labels(text.encode())
    assert len(found) == 1, (wanted, expected)
    assert found <= set(LABELS.values())


def test_every_value_here_has_fingerprints() -> None:
    assert LEFT_OUT == []
    assert MADE.count == len(LABELS)


@pytest.mark.parametrize(
    "value",
    [
        "correct-horse-battery-staple",
        "Summer2026!Winter2027",
        "MyDogIsCalledRex2019",
        "aB3$dE5",
        "1234567890123456789012",
        "Warehouse-Password-2026-03",
        "P4ssw0rd123X",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababab",
        "deadbeefdeadbeef",
    ],
)
def test_what_can_be_guessed_gets_no_fingerprint(value: str) -> None:
    assert bits(value) < 72
    made, left_out = Fingerprints.of([Secret(value, "Item / password")], KEY)
    assert left_out == ["Item / password"]
    assert made.count == 0
    assert not made.may_hold(value.encode())


@pytest.mark.parametrize(
    "value", [TOKEN, SIGNS, "9f86d081884c7d659a2feaa0c55ad015", "tQ4v9ZkX2mB7nR"]
)
def test_what_is_made_by_chance_gets_one(value: str) -> None:
    assert bits(value) >= 72


def test_the_file_has_neither_values_nor_names_and_opens_with_its_key_only(tmp_path: Path) -> None:
    path = tmp_path / "fingerprints"
    MADE.save(path, KEY)
    data = path.read_bytes()
    for text in (TOKEN, SIGNS, "Mail", "password", TOKEN[:6]):
        assert text.encode() not in data
    assert path.stat().st_mode & 0o777 == 0o600
    again = Fingerprints.load(path, KEY)
    assert {label for match in again.matches(TOKEN.encode()) for label in match.labels} == {
        "Mail / token"
    }
    with pytest.raises(Unreadable, match="wrong key"):
        Fingerprints.load(path, bytes(32))
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(Unreadable, match="modified"):
        Fingerprints.load(path, KEY)
    path.write_bytes(b"")
    with pytest.raises(Unreadable, match="not a file of fingerprints"):
        Fingerprints.load(path, KEY)
    with pytest.raises(Unreadable, match="cannot be read"):
        Fingerprints.load(tmp_path, KEY)


def test_even_with_the_key_the_contents_hold_no_part_of_a_value() -> None:
    contents = MADE._contents
    for entry in contents.entries:
        assert len(entry.window) == 3
        assert len(entry.whole) == 16
    inside = repr(contents).encode()
    for text in (TOKEN, SIGNS):
        assert not any(text[at : at + 5].encode() in inside for at in range(len(text) - 5))


def test_two_files_of_the_same_values_have_nothing_in_common() -> None:
    again, _ = Fingerprints.of([Secret(TOKEN, "Mail / token")], KEY)
    ours = {entry.whole for entry in MADE._contents.entries}
    assert ours.isdisjoint(entry.whole for entry in again._contents.entries)


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.integers(0, 300))
def test_only_the_value_is_found(text: str, at: int) -> None:
    assert MADE.matches(text.encode()) == []
    whole = f"{text[:at]}{TOKEN}{text[at:]}".encode()
    # Very long words are data, and left out.
    assert len(MADE.matches(whole)) == 1


def test_a_scan_with_fingerprints_names_the_cell(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["a\n", TOKEN]}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": [output], "source": []}]}))
    scan = Scan(MADE)
    scan.paths([path])
    assert [str(hit) for hit in scan.hits] == [f"{path}: cell 1, output 1, line 2: Mail / token"]


def test_the_key_is_made_once_and_read_from_a_file_or_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "scan.key"
    with pytest.raises(CredentialsMissing):
        read_key(path)
    key = make_key(path)
    assert make_key(path) == read_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(KEY).decode())
    assert read_key(path) == KEY
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(UsageMistake) as refused:
        read_key(path)
    assert "short" not in str(refused.value)
