"""A person in front of the form: the texts, their order, and the keys pressed."""

from __future__ import annotations

from bw_magics.demo import DemoAccount
from tests.browser.jupyter import NotebookPage
from tests.browser.markers import marker

KEY = ("client_id", "client_secret")
PASSWORD = "Master password"


class Person:
    """Types into the form, and remembers the typed text."""

    def __init__(self, account: DemoAccount) -> None:
        self.account = account
        self.typed = {account.client_secret, account.master_password}

    def fill(self, notebook: NotebookPage, **values: str) -> None:
        """Types into the fields of the form, key by key."""
        notebook.form.wait_for()
        for label, value in values.items():
            field = notebook.form.get_by_label(label.replace("_password", " password"))
            field.click()
            field.press_sequentially(value)

    def give_key(self, notebook: NotebookPage) -> None:
        """Types the right API key."""
        notebook.form.wait_for()
        for label, value in zip(
            KEY, (self.account.client_id, self.account.client_secret), strict=True
        ):
            notebook.form.get_by_label(label).fill(value)

    def give_password(self, notebook: NotebookPage, password: str | None = None) -> None:
        """Types a master password, the right one if none is named, and presses Enter."""
        notebook.form.wait_for()
        field = notebook.form.get_by_label(PASSWORD)
        field.press_sequentially(password or self.account.master_password)
        field.press("Enter")

    def wrong_password(self) -> str:
        """A password that is not the right one."""
        wrong = marker("wrong")
        self.typed.add(wrong)
        return wrong
