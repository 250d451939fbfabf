"""`%bw_get attachment FILE --itemid ID [--output PATH]`, as the `bw` CLI has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bw_magics.errors import UsageMistake

if TYPE_CHECKING:
    from bw_magics.notebook.line.arguments import Arguments
    from bw_magics.secret import SecretBytes
    from bw_magics.session.vault import Vault

ATTACHMENT = "attachment"


def get_attachment(
    vault: Vault, say: Callable[[str], None], arguments: Arguments, *, is_person: bool
) -> SecretBytes | None:
    """Returns the bytes of an attachment; with `--output`, writes them to a file instead."""
    if not arguments.itemid:
        raise UsageMistake(
            "An attachment belongs to an item.", "%bw_get attachment FILE --itemid ID"
        )
    item = vault.find(arguments.itemid)
    file = item.find_attachment(" ".join(arguments.query), loose=is_person)
    if not arguments.output:
        return file.read()
    replaced = file.save(arguments.output)
    what = "replaced the file that was there" if replaced else "saved"
    say(f"✓ {file.name}: {what}, readable by you only; it stays until you delete it")
    return None
