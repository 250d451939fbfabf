"""`Step`: one thing to do next, in the words of a notebook and in those of a program.

Errors carry steps as data. In a notebook a step is a magic, in a plain program a call; loading
the extension chooses the notebook's words, unloading it the program's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """A next step. `magic` is how a notebook writes it, `call` how a program does; `profile` names
    the vault that it is for, empty for the one without a profile.
    """

    name: str
    magic: str
    call: str
    profile: str = ""

    def __str__(self) -> str:
        return self.as_magic if _audience.is_notebook else self.as_call

    @property
    def as_magic(self) -> str:
        """The magic, with its profile."""
        return f"{self.magic} --profile {self.profile}" if self.profile else self.magic

    @property
    def as_call(self) -> str:
        """The call, on the vault of the profile."""
        if not self.profile:
            return self.call
        return self.call.replace("vault", f'vault.profile("{self.profile}")', 1)

    def of(self, profile: str) -> Step:
        """Returns the same step for the vault of a profile."""
        return self._replace(profile=profile)


class Remedy:
    """A sentence about what to do next; `{}` in it stands for a step, in their order."""

    __slots__ = ("_sentence", "steps")

    def __init__(self, sentence: str, *steps: Step) -> None:
        self._sentence = sentence
        self.steps = steps

    def __str__(self) -> str:
        return self._sentence.format(*self.steps)

    def __repr__(self) -> str:
        return repr(str(self))

    def __bool__(self) -> bool:
        return bool(self._sentence)


class _Audience:
    """The readers of this process's errors: a notebook's user, or a programmer."""

    is_notebook = False


_audience = _Audience()


def speak_to_notebooks(is_notebook: bool) -> None:
    """Chooses the words of every step from now on: magics, or calls."""
    _audience.is_notebook = is_notebook


LOG_IN = Step("log-in", "%bw_login", "vault.login(client_id=…, client_secret=…)")
LOG_IN_WITH_TOKEN = Step(
    "log-in-with-token", "%bw_login --access-token", "SecretsManager.login(access_token=…)"
)
LIST_SECRETS = Step("list-secrets", "%bw_list secrets", "secrets_manager.secrets()")
LIST_PROJECTS = Step("list-projects", "%bw_list projects", "secrets_manager.projects()")
SYNC_SECRETS = Step("sync-secrets", "%bw_sync", "secrets_manager.sync()")
EDIT_SECRET = Step("edit-secret", "%bw_edit secret KEY", "secrets_manager[KEY].edit(value=…)")
LOG_OUT = Step("log-out", "%bw_logout", "vault.logout()")
UNLOCK = Step("unlock", "%bw_unlock", "vault.unlock(password=…)")
UNLOCK_WITHOUT_PASSWORD = Step("unlock-without-password", "%bw_unlock", "vault.unlock()")
LOCK = Step("lock", "%bw_lock", "vault.lock()")
SYNC = Step("sync", "%bw_sync", "vault.sync()")
SYNC_ALL = Step("sync-all", "%bw_sync --force", "vault.sync(force=True)")
CONFIRM = Step("confirm", "bw_session.confirm(password=…)", "vault.confirm(password=…)")
FETCH_AGAIN = Step("fetch-again", "bw_session[…]", "vault[…]")
LIST_ITEMS = Step("list-items", "%bw_list items", "vault.items()")
LIST_IDS = Step("list-ids", "%bw_list items --columns id", "[item.id for item in vault.items()]")
RESTORE = Step(
    "restore", "%bw_restore item NAME", "vault.items(Selection(trash=True)), item.restore()"
)
GET_TEMPLATE = Step("get-template", "%bw get template item", "vault.get('template', 'item')")
LIST_SSH_KEYS = Step(
    "list-ssh-keys",
    "%bw_list items --search ssh",
    '[item for item in vault.items() if item.type == "sshKey"]',
)
RESOLVE = Step("resolve", "bw_session.resolve(reference)", "vault.resolve(reference)")
SHOW_API_KEY = Step("show-api-key", "%bw_apikey", "vault.api_key.view(password=…)")
GET_FILE = Step("get-file", "%bw_get attachment FILE --itemid ID", "vault[ITEM].attachment(FILE)")
GET_COLLECTION = Step("get-collection", "%bw_get collection NAME", 'vault.get("collection", NAME)')
RAISE_LIMIT = Step(
    "raise-attachment-limit", "bw_session.attachment_limit = …", "vault.attachment_limit = …"
)
NAME_CLIENT_CERTIFICATE = Step(
    "name-client-certificate",
    "%config BwMagics.client_certificate = '…'",
    "vault.login(client_certificate=…)",
)
NAME_AUTHORITY = Step(
    "name-authority",
    "%config BwMagics.certificate_authority = '…'",
    "vault.login(certificate_authority=Path('…'))",
)
NAME_KEY_CONNECTOR = Step(
    "name-key-connector",
    "%bw config server URL --key-connector URL",
    "vault.unlock(key_connector=URL)",
)


def create_folder(name: str) -> Step:
    """Makes the step that creates a folder."""
    return Step("create-folder", f"%bw_create folder {name}", f'vault.create_folder("{name}")')


def list_places(kind: str) -> Step:
    """Makes the step that lists folders, collections or organisations."""
    return Step(f"list-{kind}s", f"%bw_list {kind}s", f'vault.places("{kind}")')


def name_server(address: str) -> Step:
    """Makes the step that names the server."""
    return Step(
        "name-server", f"%bw config server {address}", f'vault.login(server="{address}", …)'
    )


def allow_names(names: Sequence[str]) -> Step:
    """Makes the step that lets a file or a note set variables by name."""
    return Step("allow-names", f"--allow {','.join(names)}", f"allow={list(names)}")


def install(package: str) -> Step:
    """Makes the step that installs a package."""
    return Step("install", f"%pip install {package}", f"pip install {package}")
