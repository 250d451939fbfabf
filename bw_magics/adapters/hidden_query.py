"""`HiddenQuery`: a `sqlalchemy.URL` whose repr hides secret parameters as well as the password."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy.util import immutabledict

from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.parts import secret_parts_of_url

_HIDDEN = "..."


class HiddenQuery(sqlalchemy.URL):
    """A URL with secret parameters: SQLAlchemy itself hides only the password before the host."""

    def render_as_string(self, hide_password: bool = True) -> str:
        """Returns the URL as text, as SQLAlchemy's own does; shows no secret parameter unless
        `hide_password` is False.
        """
        if not hide_password:
            return super().render_as_string(hide_password=False)
        shown = {name: _shown(name, value) for name, value in self.query.items()}
        plain = sqlalchemy.URL._make(self._replace(query=immutabledict(shown)))
        return plain.render_as_string()


def hidden_query(url: sqlalchemy.URL) -> sqlalchemy.URL:
    """Returns the URL, so that it hides its parameters where one is secret."""
    is_plain = all(_shown(name, value) == value for name, value in url.query.items())
    return url if is_plain else HiddenQuery._make(url)


def _shown(name: str, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(str(_shown(name, each)) for each in value)
    if is_secret_name(name):
        return _HIDDEN
    # The connection string of `odbc_connect`, and a whole URL.
    for part in secret_parts_of_url(f"{name}={value}", is_own=True):
        value = value.replace(part, _HIDDEN)
    return value
