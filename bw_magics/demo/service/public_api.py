"""`PublicApi`: the demo organisation as its own API key sees it."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bw_magics.demo.items.awkward import DATA, ORGANIZATION, PRODUCTION, RESTRICTED
from bw_magics.demo.items.plain import stable_id
from bw_magics.demo.json_object import Json

SCOPE = "api.organization"

_PAGE = 50
_MEMBERS = (
    ("Ada Demo", "ada@demo.example", 0, 2, True),
    ("Grace Demo", "grace@demo.example", 1, 2, True),
    ("Alan Demo", "alan@demo.example", 2, 2, False),
    ("", "new@demo.example", 2, 0, False),
    ("Edsger Demo", "edsger@demo.example", 2, -1, False),
)


class PublicApi:
    """The members, groups, collections, policies and event log of the demo organisation.

    `lifetime` of a token is in seconds; `events` is how many the log has.
    """

    def __init__(self, *, lifetime: float = 3600, events: int = 120) -> None:
        self.client_id = f"organization.{ORGANIZATION.id}"
        self.client_secret = "demoSecretNotRealOrganization1"
        self._lifetime = lifetime
        self._issued: dict[str, float] = {}
        groups = [stable_id("group", name) for name in ("Analysts", "Engineers")]
        collections = [DATA.id, PRODUCTION.id, RESTRICTED.id]
        self._lists: dict[str, list[Json]] = {
            "members": [
                {
                    "object": "member",
                    "id": stable_id("member", email),
                    "userId": stable_id("user", email) if name else None,
                    "name": name or None,
                    "email": email,
                    "twoFactorEnabled": two_factor,
                    "status": status,
                    "type": kind,
                    "externalId": None,
                    "resetPasswordEnrolled": False,
                    "collections": [{"id": DATA.id, "readOnly": True}] if name else None,
                }
                for name, email, kind, status, two_factor in _MEMBERS
            ],
            "groups": [
                {
                    "object": "group",
                    "id": id,
                    "name": name,
                    "externalId": None,
                    "collections": [{"id": each, "readOnly": False} for each in collections[:2]],
                }
                for id, name in zip(groups, ("Analysts", "Engineers"), strict=True)
            ],
            "collections": [
                {
                    "object": "collection",
                    "id": id,
                    "externalId": None,
                    "groups": [{"id": groups[0], "readOnly": False}],
                }
                for id in collections
            ],
            "policies": [
                {
                    "object": "policy",
                    "id": stable_id("policy", str(kind)),
                    "type": kind,
                    "enabled": kind != 3,
                    "data": data,
                }
                for kind, data in ((0, None), (1, {"minLength": 14}), (3, None), (99, None))
            ],
            "events": [
                {
                    "object": "event",
                    "type": 1107 if number % 2 else 1000,
                    "itemId": stable_id("item", str(number)) if number % 2 else None,
                    "actingUserId": stable_id("user", _MEMBERS[number % 3][1]),
                    "date": _date(number),
                    "device": 9,
                    "ipAddress": "192.0.2.7",
                }
                for number in range(events)
            ],
        }

    def token(self, form: dict[str, str]) -> Json | None:
        """Answers a login with a new token; None for a wrong key."""
        given = (form.get("client_id", "").lower(), form.get("client_secret", ""))
        own = (self.client_id, self.client_secret)
        if not all(
            hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, own, strict=True)
        ):
            return None
        token = secrets.token_urlsafe(32)
        self._issued[token] = time.time() + self._lifetime
        lifetime = int(self._lifetime)
        return {
            "access_token": token,
            "expires_in": lifetime,
            "token_type": "Bearer",
            "scope": SCOPE,
        }

    def is_open(self, authorization: str) -> bool:
        """Tells whether an `Authorization` header gives access."""
        token = authorization.removeprefix("Bearer ")
        return self._issued.get(token, 0.0) > time.time()

    def end_tokens(self) -> None:
        """Ends every token that was issued."""
        self._issued.clear()

    def page(self, what: str, wanted: Mapping[str, str]) -> Json | None:
        """Returns one page of a list, None for an unknown list. Only the event log has several.

        `wanted` are the filters of the event log, and the page's `continuationToken`.
        """
        entries = self._lists.get(what)
        if entries is None:
            return None
        rest = ""
        if what == "events":
            start, end = wanted.get("start", ""), wanted.get("end", "9")
            entries = [entry for entry in entries if start <= entry["date"] <= end]
            for member in ("actingUserId", "itemId"):
                if value := wanted.get(member):
                    entries = [entry for entry in entries if entry[member] == value]
            begin = int(wanted.get("continuationToken", "page-0").removeprefix("page-"))
            rest = f"page-{begin + _PAGE}" if begin + _PAGE < len(entries) else ""
            entries = entries[begin : begin + _PAGE]
        return {"object": "list", "data": entries, "continuationToken": rest or None}


def _date(number: int) -> str:
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(hours=number)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
