"""`WriteRules`: what one kind of server checks and answers where a client writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

# The web framework's own page in place of the server's JSON.
PAGE = ""


@dataclass(frozen=True, slots=True)
class WriteRules:
    """The rules of official servers by default; others were recorded from real servers.

    - `absent` is the status and text for an unknown item, folder or attachment.
    - `folder_of_item` is the same for an item that names an unknown folder.
    - `nameless_item` and `nameless_folder` are those for a missing name, None where it is taken;
      `not_json` for a body that is not JSON. An empty text is a page of the web framework.
    - `plain_name` and `plain_folder` are those for a name in clear, None where it is taken.
    - `long_notes` is the text for notes of more than 10,000 encrypted characters.
    - `stale_by` is how much newer the stored item has to be than the client's copy.
    - `reads_odd_dates` takes a date that cannot be read for none.
    - `any_type` stores types of items that the server does not know.
    - `keeps_type`, `keeps_key` and `keeps_archive` leave what an edit says of them, or leaves out.
    - `files_silently` leaves the item's revision date where folder, favourite or archive change.
    - `dating_files` are the steps with a file that move the item's revision date.
    - `checks_size` refuses a file of another length than announced, with `other_size`.
    - `uploaded`, `deleted_folder`, `trashed_many` and `moved_many` are statuses.
    - `many` is the HTTP method for several items into the trash and back.
    """

    absent: Mapping[str, tuple[int, str]] = field(
        default_factory=lambda: dict.fromkeys(
            ("item", "folder", "attachment"), (404, "Resource not found.")
        )
    )
    folder_of_item: tuple[int, str] = (400, "Invalid folder")
    nameless_item: tuple[int, str] | None = (400, "The model state is invalid.")
    nameless_folder: tuple[int, str] = (400, "The model state is invalid.")
    not_json: tuple[int, str] = (400, "The model state is invalid.")
    plain_name: tuple[int, str] | None = (400, "The model state is invalid.")
    plain_folder: tuple[int, str] | None = (400, "The model state is invalid.")
    long_notes: str = "The field Notes must be a string with a maximum length of 10000."
    stale_by: timedelta = timedelta(seconds=1)
    reads_odd_dates: bool = False
    any_type: bool = False
    keeps_type: bool = False
    keeps_key: bool = False
    keeps_archive: bool = False
    files_silently: bool = False
    dating_files: frozenset[str] = frozenset({"announced", "deleted"})
    checks_size: bool = True
    other_size: str = "File received does not match expected file length."
    uploaded: int = 200
    deleted_folder: int = 200
    trashed_many: int = 200
    moved_many: int = 200
    many: str = "PUT"


VAULTWARDEN = WriteRules(
    absent={
        "item": (400, "Cipher doesn't exist"),
        "folder": (400, "Invalid folder"),
        "attachment": (400, "Attachment doesn't exist"),
    },
    nameless_item=(422, PAGE),
    nameless_folder=(422, PAGE),
    not_json=(400, PAGE),
    plain_name=None,
    plain_folder=None,
    long_notes="The field Notes exceeds the maximum encrypted value length of 10000 characters.",
    reads_odd_dates=True,
    keeps_type=True,
    files_silently=True,
    dating_files=frozenset(),
    checks_size=False,
)

NODEWARDEN = WriteRules(
    absent={
        "item": (404, "Cipher not found"),
        "folder": (404, "Folder not found"),
        "attachment": (404, "Attachment not found"),
    },
    folder_of_item=(404, "Folder not found"),
    nameless_item=None,
    nameless_folder=(400, "Name is required"),
    not_json=(400, "Invalid JSON"),
    plain_name=(400, "Cipher name must be an encrypted string up to 1000 characters."),
    plain_folder=None,
    long_notes="Cipher notes must be an encrypted string up to 10000 characters.",
    stale_by=timedelta(),
    reads_odd_dates=True,
    any_type=True,
    keeps_key=True,
    keeps_archive=True,
    dating_files=frozenset({"announced", "stored", "deleted"}),
    other_size="File size does not match.",
    uploaded=201,
    deleted_folder=204,
    trashed_many=204,
    moved_many=204,
    many="POST",
)
