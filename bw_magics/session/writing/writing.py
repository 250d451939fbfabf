"""`Writing`: a vault's changes on its server, made at their first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bw_magics.secret import Unpicklable
from bw_magics.session.background import OnWait

if TYPE_CHECKING:
    from bw_magics.announcing import Secrets
    from bw_magics.session.current import CurrentState
    from bw_magics.session.sync import Sync
    from bw_magics.session.writing.folders import FolderWriting
    from bw_magics.session.writing.items import ItemWriting
    from bw_magics.session.writing.turn import Turn
    from bw_magics.vault.item import Item


class Writing(Unpicklable):
    """The changes to one vault. Importing what they need waits until one is made."""

    def __init__(
        self, current: CurrentState, sync: Sync, secrets: Secrets, on_wait: OnWait
    ) -> None:
        self._current = current
        self._sync = sync
        self._secrets = secrets
        self._on_wait = on_wait

    def __repr__(self) -> str:
        return "<Writing>"

    def create(
        self,
        type: str,
        members: Mapping[str, Any],
        organization: str | None,
        collections: Sequence[str],
    ) -> Item:
        """Creates an item, as `Vault.create` describes it."""
        from bw_magics.vault.draft import Draft

        draft = Draft.new(type)
        draft.update(members)
        return self.items.create(draft, organization=organization, collections=collections)

    @cached_property
    def items(self) -> ItemWriting:
        """The changes to items."""
        from bw_magics.session.writing.items import ItemWriting

        return ItemWriting(self._turn)

    @cached_property
    def folders(self) -> FolderWriting:
        """The changes to folders."""
        from bw_magics.session.writing.folders import FolderWriting

        return FolderWriting(self._turn)

    @cached_property
    def _turn(self) -> Turn:
        from bw_magics.session.writing.turn import Turn

        def announce(value: str, label: str) -> None:
            self._secrets.make(value, label)

        return Turn(self._current, self._download, announce, self._on_wait)

    def _download(self) -> bool:
        return self._sync.run(self._current.account(), force=True)
