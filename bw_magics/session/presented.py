"""`PresentedVault`: a vault that a notebook gives the means to show itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from bw_magics.errors import NotOffered
from bw_magics.session.vault import Vault

# For the extension and for other packages; nobody types them.
_FOR_PROGRAMS = frozenset(
    {
        "attachment_limit",
        "hold",
        "locate",
        "on_secret",
        "on_wait",
        "presenter",
        "profile_name",
        "release",
        "way_to_unlock",
    }
)


_ITEM = 'bw_session["ITEM"].'
# What people write for something else.
_MEANT = {
    **{name: _ITEM + name for name in ("password", "username", "notes", "totp", "uri", "field")},
    **dict.fromkeys(("item", "get_item", "getitem"), 'bw_session["ITEM"]'),
    **dict.fromkeys(("search", "list", "list_items", "find_items"), 'items(search="ware")'),
    **dict.fromkeys(("read", "secret", "get_secret", "reference"), 'resolve("bw://ITEM/FIELD")'),
    **{f"{kind}s": f'places("{kind}")' for kind in ("folder", "collection", "organization")},
    **dict.fromkeys(("engine", "connect", "connection"), f"{_ITEM}sqlalchemy_url()"),
    **dict.fromkeys(("names", "keys"), "[item.name for item in bw_session]"),
    **dict.fromkeys(("close", "quit"), "lock()"),
}


class Presenter(Protocol):
    """A display of values and of the vault for a person. A plain program has none."""

    def reveal(self, value: str) -> None:
        """Shows a value, and saves it nowhere."""

    def browse(self, vault: Vault) -> None:
        """Shows the vault: to search, to read, to change and to copy from."""

    def hide(self) -> None:
        """Hides the values that are shown; called at every lock, possibly in another thread."""


class PresentedVault(Vault):
    """Your vault. After `%bw_login` and `%bw_unlock` it reads what is in it::

        bw_session["Warehouse DB"].password        # a Secret: a str that shows itself masked
        bw_session.get("totp", "Notebook hub")     # as %bw_get
        bw_session.resolve("bw://Warehouse DB/password")
        bw_session.browse()                        # a panel to search, to look and to copy
        bw_session.reveal(password)                # shown for 30 seconds, saved nowhere
        with bw_session.env(PGPASSWORD="bw://Warehouse DB/password"): ...

    `bw_session.status` says whether it is unlocked, and what to type next. The rest of its methods
    are those of `bw_magics.Vault`.
    """

    presenter: Presenter | None = None

    def __dir__(self) -> Iterable[str]:
        names = super().__dir__()
        return [name for name in names if name not in _FOR_PROGRAMS and not name.startswith("_")]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Says what a name likely means that a vault does not have."""
            meant = f" Write {_MEANT[name]}." if name in _MEANT else ""
            raise AttributeError(f"A vault has no '{name}'.{meant}", name=name, obj=self)

    def reveal(self, value: str) -> None:
        """Shows a value to you and not to the file: in a panel below the cell, with a copy button,
        for 30 seconds; in a terminal it is printed once.

        It travels to the panel encrypted, and is not saved. Raises `NotOffered` with the reason
        where that is not possible: a page without encryption, a front end without widgets, a run
        that nobody watches, a program without IPython.
        """
        self._shown_by().reveal(value)

    def browse(self) -> None:
        """Shows the vault in a panel below the cell: to search, to see what an item has, to look
        at a value for 30 seconds, to copy it, a line of code or a reference, to add an item, to
        edit one and to move one to the trash.

        It closes when the vault is locked. Its values travel encrypted, and are not saved. Raises
        `NotOffered` with the reason where that is not possible: a terminal, a page without
        encryption, a front end without widgets, a run that nobody watches.
        """
        self._shown_by().browse(self)

    def _locked(self) -> None:
        super()._locked()
        if self.presenter is not None:
            self.presenter.hide()

    def _shown_by(self) -> Presenter:
        if self.presenter is None:
            raise NotOffered(
                "Only a notebook can show it.", "Load the extension: %load_ext bw_magics."
            )
        return self.presenter

    def _beside(self, name: str) -> Vault:
        vault = super()._beside(name)
        if isinstance(vault, PresentedVault):
            vault.presenter = self.presenter
        return vault
