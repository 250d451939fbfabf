"""The second account's vault: small, and every item has its own key."""

from __future__ import annotations

from bw_magics.demo.items.plain import NOTE, Folder, PlainVault, hidden, item, login, stable_id

_FOLDER = Folder(stable_id("folder", "grace", "Compilers"), "Compilers")


def second_vault() -> PlainVault:
    """Makes a few items in one folder, without an organisation."""
    return PlainVault(
        items=[
            login(
                "Compiler farm",
                "grace",
                "demo-compiler-password",
                ("https://farm.demo.example",),
                label="second",
                folderId=_FOLDER.id,
                itemKey=True,
                fields=[hidden("token", "demo-farm-token")],
            ),
            login(
                "Warehouse DB",
                "grace",
                "demo-warehouse-grace",
                label="second",
                itemKey=True,
                totp="steam://JBSWY3DPEHPK3PXP",
            ),
            item(
                NOTE, "Moth", "second", notes="First actual case of bug being found.", itemKey=True
            ),
        ],
        folders=[_FOLDER],
    )
