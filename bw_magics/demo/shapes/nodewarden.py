"""The answers of NodeWarden."""

from __future__ import annotations

from datetime import datetime

from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import utc
from bw_magics.demo.shapes.vaultwarden import VaultwardenShape


class NodeWardenShape(VaultwardenShape):
    """NodeWarden 1.8, where it differs from Vaultwarden for a client that writes."""

    no_room = "Attachment storage limit exceeded"
    trashes_first = True

    def date(self, moment: datetime | None) -> str | None:
        """Formats exactly three fractional digits."""
        if moment is None:
            return None
        text = utc(moment).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")

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
