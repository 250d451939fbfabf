"""The answers of NodeWarden."""

from __future__ import annotations

import uuid
from datetime import datetime

import msgspec

from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Shape, utc
from bw_magics.demo.shapes.vaultwarden import VaultwardenShape
from bw_magics.demo.shapes.write_rules import NODEWARDEN
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault


class NodeWardenShape(VaultwardenShape):
    """NodeWarden 1.8, where it differs from Vaultwarden for a client that writes."""

    no_room = "Attachment storage limit exceeded"
    trashes_first = True
    rules = NODEWARDEN

    def date(self, moment: datetime | None) -> str | None:
        """Formats exactly three fractional digits."""
        if moment is None:
            return None
        text = utc(moment).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")

    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """Describes an item with null for empty lists and for `data`."""
        described = super().item(vault, record)
        for name in ("fields", "passwordHistory"):
            described[name] = described[name] or None
        return described | {"organizationUseTotp": False, "data": None}

    def size_name(self, size: int) -> str:
        """Words a size as official servers do."""
        return Shape.size_name(self, size)

    def attachment_id(self) -> str:
        """Makes a GUID."""
        return str(uuid.uuid4())

    def unauthorized(self, accept: str) -> tuple[bytes, dict[str, str]]:
        """Returns its own model, whatever `Accept` asks for."""
        body = msgspec.json.encode(self.error("Unauthorized"))
        return body, {"Content-Type": "application/json"}

    def stores(self, item_type: int) -> bool:
        """Returns True: it stores every type, also unknown ones."""
        return True

    def config(self) -> Json:
        """Asks for item keys, and names itself."""
        config = super().config()
        config["server"] = {"name": "NodeWarden", "url": "https://github.com/shuaiplus/nodewarden"}
        config["featureStates"] = {"cipher-key-encryption": True}
        return config

    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """Returns its own model, with the message in PascalCase."""
        return {
            "error": message,
            "error_description": message,
            "ErrorModel": {"Message": message, "Object": "error"},
        }
