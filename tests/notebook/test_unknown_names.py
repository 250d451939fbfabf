"""A word on a line that resembles no name of the vault: never repeated, it can be a password."""

from __future__ import annotations

import pytest

from bw_magics.session.default import bw_session
from tests.notebook.conftest import Notebook

TYPED = "Made-up-Zq8xV-word"
ITEM = "Warehouse DB"
OBJECTS = (
    "item", "username", "password", "uri", "totp", "notes", "attachment", "folder", "collection",
    "organization", "field", "sshkey",
)  # fmt: skip
LINES = [
    *(f"%bw_get {object} {TYPED}" for object in OBJECTS),
    f"%bw_get {TYPED}",
    f"%bw_get {TYPED} {ITEM}",
    f"%bw_get password {ITEM} --folder {TYPED}",
    f"%bw_get password {ITEM} --collection {TYPED}",
    f"%bw_get password {ITEM} --organization {TYPED}",
    f"%bw_get attachment {TYPED} --itemid '{ITEM}'",
    f"%bw_get attachment key.json --itemid {TYPED}",
    f"%bw_get field:{TYPED} {ITEM}",
    f"%bw_get password bw://{TYPED}/password",
    f"%bw_get password 'bw://{ITEM}/{TYPED}'",
    f"%bw_list {TYPED}",
    f"%bw_list items {TYPED}",
    f"%bw_list items --folderid {TYPED}",
    f"%bw_list items --collectionid {TYPED}",
    f"%bw_list items --organizationid {TYPED}",
    f"%bw_list items --columns {TYPED}",
    f"%bw_list items --sort {TYPED}",
    f"%bw_connect {TYPED}",
    f"%bw_connect {ITEM} --driver {TYPED}",
    f"%bw_edit item {TYPED}",
    f"%bw_edit {TYPED} {ITEM}",
    f"%bw_edit item {ITEM} --folder {TYPED}",
    f"%bw_edit {TYPED}",
    f"%bw_create {TYPED}",
    f"%bw_create attachment --file nowhere.txt --itemid {TYPED}",
    f"%bw_create login New --username joe --folder {TYPED}",
    f"%bw_create login New --username joe --organization {TYPED} --collection {TYPED}",
    f"%bw_delete item {TYPED}",
    f"%bw_delete item {TYPED} --permanent",
    f"%bw_delete attachment {TYPED} --itemid '{ITEM}'",
    f"%bw_delete attachment key.json --itemid {TYPED}",
    f"%bw_delete folder {TYPED}",
    f"%bw_edit folder {TYPED} --name New",
    f"%bw_delete {TYPED}",
    f"%bw_restore item {TYPED}",
    f"%bw_archive item {TYPED}",
    f"%bw_move {TYPED} --folder null",
    f"%bw_move {ITEM} --folder {TYPED}",
    f"%bw_move {ITEM} --organization {TYPED} --collection Warehouse",
    f"%bw_move {ITEM} --organization 'Data Platform' --collection {TYPED}",
    f"%bw_rotate password {TYPED}",
    f"%bw_rotate {TYPED} {ITEM}",
    f"%bw_rotate {TYPED}",
    f"%bw_env A=bw://{TYPED}/password",
    f"%bw_env A='bw://{ITEM}/{TYPED}'",
    f"%bw_env --dotenv bw://{TYPED}/notes",
    f"%bw_env --unset {TYPED}",
    f"%%bw_env A=bw://{TYPED}/password\npass",
    f"%bw_generate {TYPED}",
    f"%bw_status {TYPED}",
    f"%bw_sync {TYPED}",
    f"%bw_lock {TYPED}",
    f"%bw_config server http://{TYPED}.example.org",
    f"%bw_config {TYPED}",
    f"%bw {TYPED}",
    f"%bw get password {TYPED}",
    f"%bw_demo {TYPED}",
]


def answer(notebook: Notebook, cell: str) -> str:
    """All that a cell shows."""
    came = notebook.attempt(cell)
    return f"{came.error} {came.text} {came.displayed}"


@pytest.mark.parametrize("cell", LINES)
def test_a_word_that_resembles_no_name_is_not_repeated(writable: Notebook, cell: str) -> None:
    assert TYPED not in answer(writable, cell)


OF_MACHINE = [
    f"%bw_get secret {TYPED}",
    f"%bw_get secret bws://{TYPED}/KEY",
    f"%bw_get secret bws://Reporting/{TYPED}",
    f"%bw_list secrets --project {TYPED}",
    f"%bw_list secrets --search {TYPED}",
    f"%bw_list projects {TYPED}",
    f"%bw_create secret NEW --project {TYPED} --generate",
    f"%bw_edit secret {TYPED} --note x",
    f"%bw_edit secret bws://{TYPED}/KEY --generate",
    f"%bw_edit secret MAIL_TOKEN --project {TYPED} --generate",
    f"%bw_edit project {TYPED} --name New",
    f"%bw_delete secret {TYPED}",
    f"%bw_delete project {TYPED}",
    f"%bw_env A=bws://{TYPED}/KEY",
    f"%bw_env A=bws://Reporting/{TYPED}",
]


@pytest.mark.parametrize("cell", OF_MACHINE)
def test_a_word_that_resembles_no_secret_is_not_repeated(logged_in: Notebook, cell: str) -> None:
    assert TYPED not in answer(logged_in, cell)


@pytest.mark.parametrize(
    "line",
    [
        "%bw_get password {}",
        "%bw_connect {}",
        "%bw_delete item {}",
        "%bw_archive item {}",
        "%bw_rotate password {}",
    ],
)
@pytest.mark.parametrize("name", ["Build # 7", 'say "hi'])
def test_a_name_that_does_not_read_as_it_stands_is_shown_in_quotes(
    writable: Notebook, line: str, name: str
) -> None:
    bw_session.create("login", name=name, username="joe", password="made-up-4711-word")

    refused = writable.refusal(line.format(name))

    assert f"does not read as the name '{name}'" in refused.fact


def test_a_name_that_begins_with_a_blank_is_not_taken_for_a_forgotten_word(
    writable: Notebook,
) -> None:
    bw_session.create("login", name=" leading", username="joe", password="made-up-4711-word")

    refused = writable.refusal("%bw_connect  leading")

    assert "what to get of it" not in str(refused)
