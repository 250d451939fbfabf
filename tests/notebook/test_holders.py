"""What still holds secrets after a lock: named, and deleted on request."""

from __future__ import annotations

from typing import Any

from bw_magics.demo import DemoServer
from bw_magics.notebook.holders import holders
from bw_magics.secret import Secret

from .conftest import Notebook, variables


def names(**namespace: object) -> list[str]:
    return holders(namespace, lambda text: "hunter2" in text)


def test_secrets_are_found_in_variables_and_one_level_deep() -> None:
    secret = Secret("value", "X / password")

    assert names(a=secret, b=[secret], c={"k": secret}) == ["a", "b", "c"]
    assert names(d=(1, secret), e={secret}, f={secret: 1}) == ["d", "e", "f"]
    assert names(a=1, b=["x"], c="text", In=[secret], _x=secret, Out={1: secret}) == []


def test_texts_made_from_a_secret_are_found_too() -> None:
    assert names(url="postgres://u:hunter2@h", raw=b"hunter2", rows=["hunter2"]) == [
        "raw", "rows", "url",
    ]  # fmt: skip


def test_a_lock_names_them_and_purge_deletes_them(
    notebook: Notebook, server: DemoServer, monkeypatch: Any
) -> None:
    for name, value in variables(server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "bw_magics.notebook.demo.Demo.certificate_authority", server.certificate_authority
    )
    notebook("%bw_login\n%bw_unlock")
    notebook("item = bw_session['Warehouse DB']\npw = item.password\nrows = [pw]\nn = 1")
    notebook("bw_session['Warehouse DB'].password")
    number = max(notebook.shell.user_ns["Out"])

    locked = notebook("%bw_lock").text

    assert "still holding secrets: item, pw, rows." in locked
    assert "--purge" in locked
    assert "deleted: item, pw, rows" in notebook("%bw_lock --purge").text
    namespace = notebook.shell.user_ns
    assert not {"item", "pw", "rows"} & set(namespace)
    assert namespace["n"] == 1
    assert number not in namespace["Out"]
    assert not any(isinstance(namespace.get(name), Secret) for name in ("_", "__", "___"))
    assert notebook("%bw_lock").text.strip() == "already locked"
