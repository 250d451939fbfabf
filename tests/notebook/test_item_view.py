"""An item shows which members it has and how to name them, and none of their values."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Notebook

ITEMS = ["Warehouse DB", "Cluster SSH key", "Cloud keys", "Payroll", "Billing portal"]


def shown(notebook: Notebook, expression: str) -> dict[str, str]:
    data, _ = notebook.shell.display_formatter.format(notebook(expression).value)
    return dict(data)


@pytest.mark.parametrize("name", ITEMS)
def test_it_shows_names_and_no_values(unlocked: Notebook, name: str) -> None:
    data = shown(unlocked, f"bw_session[{name!r}]")

    item = unlocked("_").value or unlocked(f"bw_session[{name!r}]").value
    for text in (data["text/html"], data["text/plain"]):
        assert name in text
        assert "demo-" not in text
        assert "analyst" not in text
        for member, _ in item.outline():
            assert member in text or member == "attachments"


def test_each_member_comes_with_its_reference(unlocked: Notebook) -> None:
    html = shown(unlocked, "bw_session['Cloud keys']")["text/html"]

    assert "bw://Cloud keys/secret access key" in html
    assert "bw://Cloud keys/attachment/bucket-policy.json" in html


def test_names_are_text_and_not_html(unlocked: Notebook) -> None:
    html = shown(unlocked, """bw_session['Ada\\'s "quoted" login']""")["text/html"]

    assert "&quot;quoted&quot;" in html
    assert "bw://Ada&#x27;s %22quoted%22 login/password" in html


def test_one_that_cannot_be_read_says_why(unlocked: Notebook) -> None:
    code = "next(item for item in bw_session.items() if item.problem)"

    assert "unreadable:" in shown(unlocked, code)["text/html"]


def test_after_a_lock_there_is_its_name_and_no_error(unlocked: Notebook) -> None:
    unlocked("item = bw_session['Warehouse DB']\n%bw_lock")

    data = shown(unlocked, "item")

    assert "Warehouse DB" in data["text/plain"]
    assert "demo-" not in repr(data)


def test_unloading_leaves_the_formatter_as_it_was(unlocked: Notebook) -> None:
    import bw_magics

    shown(unlocked, "bw_session['Warehouse DB']")
    bw_magics.unload_ipython_extension(unlocked.shell)

    formatter = unlocked.shell.display_formatter.formatters["text/html"]
    assert not [name for name in formatter.deferred_printers if "bw_magics" in name[0]]
    assert not [known for known in formatter.type_printers if "bw_magics" in known.__module__]
