"""`FolderWriting`: creates, renames and deletes folders."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bw_magics.errors import NotFound, UsageMistake, WriteUnclear
from bw_magics.secret import Unpicklable
from bw_magics.session.writing.checks import Places
from bw_magics.session.writing.lost_answer import looking
from bw_magics.session.writing.turn import Turn
from bw_magics.vault.changes import refuse_mask
from bw_magics.vault.contents import Contents
from bw_magics.vault.ids import is_id
from bw_magics.vault.lengths import check_length
from bw_magics.vault.names import normal
from bw_magics.vault.record import member_of
from bw_magics.vault.snapshot import Folder


class FolderWriting(Unpicklable):
    """The changes to the folders of one vault."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def __repr__(self) -> str:
        return "<FolderWriting>"

    def create(self, name: str) -> str:
        """Creates a folder and gives its name; `a/b` is `b` in `a`. Raises `UsageMistake` where
        there is one of that name.
        """
        return self._turn.run(lambda: self._save_folder(None, name), "creating the folder")

    def rename(self, folder: str, name: str) -> str:
        """Renames a folder, by name or id, and with it the folders inside it."""
        return self._turn.run(lambda: self._rename_folder(folder, name), "renaming the folder")

    def delete(self, folder: str) -> None:
        """Deletes a folder, by name or id; its items stay, outside folders."""
        self._turn.run(lambda: self._delete_folder(folder), "deleting the folder")

    def _save_folder(self, folder_id: str | None, name: str) -> str:
        contents, account = self._turn.open()
        self._check_name(contents, name)
        encrypted = check_length(
            "name", contents.keys.user_key.encrypt_text(name), "the name of the folder"
        )
        api = account.writing

        def save() -> Mapping[str, Any]:
            if folder_id is None:
                return api.create_folder(encrypted)
            return api.rename_folder(folder_id, encrypted)

        try:
            answer = save()
        except WriteUnclear as lost:
            # The encrypted name is unique: where it is, the lost answer was a success.
            with looking(lost):
                self._turn.sync()
                contents = self._turn.contents()
            if any(folder.name == encrypted for folder in contents.snapshot.folders):
                return name
            answer = save()
        folder = Folder(str(member_of(answer, "id")), str(member_of(answer, "name")))
        if not is_id(folder.id) or folder.name != encrypted:
            raise WriteUnclear(
                "The server's answer is not about the folder that was sent.",
                "It may have been saved: sync and look before you save it again.",
            )
        self._turn.take(contents, contents.snapshot.with_folder(folder))
        return name

    def _rename_folder(self, folder: str, name: str) -> str:
        contents, _ = self._turn.open()
        folder_id = Places(contents).own_folder(folder)
        old = contents.folder_names[folder_id]
        inside = [
            (id, known)
            for id, known in contents.folder_names.items()
            if known.startswith(f"{old}/")
        ]
        for _, known in [*inside, (folder_id, old)]:
            self._check_name(contents, name + known[len(old) :])
        # The outer one last: called again after a failure, this goes on with the rest.
        for id, known in inside:
            self._save_folder(id, name + known[len(old) :])
        return self._save_folder(folder_id, name)

    def _check_name(self, contents: Contents, name: object) -> None:
        """Raises `UsageMistake` and `MaskRefused` for a name that cannot be a new folder's."""
        if not isinstance(name, str) or not name.strip():
            raise UsageMistake("A folder needs a name.", 'Give one, such as "Work/Databases".')
        refuse_mask(name, "the name of the folder")
        if normal(name) in map(normal, contents.folder_names.values()):
            raise UsageMistake(f"There is a folder '{name}' already.", "Choose another name.")

    def _delete_folder(self, folder: str) -> None:
        contents, account = self._turn.open()
        folder_id = Places(contents).own_folder(folder)
        try:
            account.writing.delete_folder(folder_id)
        except WriteUnclear:
            with suppress(NotFound):
                account.writing.delete_folder(folder_id)
        self._turn.take(contents, contents.snapshot.without_folder(folder_id))
