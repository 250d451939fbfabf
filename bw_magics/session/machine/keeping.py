"""`Keeping`: changes of secrets and projects on the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.answer import Answer
from bw_magics.errors import (
    CryptographyError,
    NotFound,
    NotWritable,
    ServerError,
    TooLong,
    Unreadable,
    UsageMistake,
    WriteConflict,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.patience import patiently
from bw_magics.session.background import Task
from bw_magics.session.machine.download import Download
from bw_magics.steps import EDIT_SECRET, LIST_PROJECTS, SYNC_SECRETS, Remedy
from bw_magics.vault.changes import refuse_mask
from bw_magics.vault.ids import same_id
from bw_magics.vault.managed_secret import UNREADABLE, ManagedSecret, Project
from bw_magics.vault.managed_secrets import find_project
from bw_magics.vault.names import normal

if TYPE_CHECKING:
    from bw_magics.client.reply import Reply
    from bw_magics.session.accounts.machine_account import MachineAccount

# In characters, as the official clients allow; the server counts the encrypted ones.
LONGEST = {"key": 500, "value": 25_000, "note": 7_000}
_LONGEST_ENCRYPTED = {"key": 1_000, "value": 35_000, "note": 10_000}
_MEMBERS = ("key", "value", "note")
# How many seconds a change may wait for a server that is busy.
_PATIENCE = 120.0
_LOOK = Remedy("Look at it again before you change it: {}.", SYNC_SECRETS)

Result = TypeVar("Result")


class Keeping(Unpicklable):
    """The changes of a machine account: one at a time, none sent twice, each answer compared with
    the request. What was not named goes back unchanged.

    `account` gives who is logged in, or raises; `on_wait` tells a person what takes its time.
    """

    def __init__(
        self, account: Callable[[], MachineAccount], on_wait: Callable[[str], None]
    ) -> None:
        self._account = account
        self._on_wait = on_wait
        self.download = Download(account, self)
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return "<Keeping>"

    def create(self, key: str, value: str, project: str | Project, note: str) -> ManagedSecret:
        """Creates a secret."""
        plain = {"key": _checked("key", key), "value": _checked("value", value)}
        plain["note"] = _checked("note", note)
        self._announce(plain)
        return self._run(lambda: self._create(plain, project), "creating the secret")

    def edit(self, secret: ManagedSecret, changes: dict[str, Any]) -> ManagedSecret:
        """Saves changed members of a secret."""
        plain = {name: _checked(name, changes[name]) for name in _MEMBERS if name in changes}
        project: str | Project | None = changes.get("project")
        self._announce(plain)
        return self._run(lambda: self._edit(secret, plain, project), "saving the secret")

    def delete(self, secrets: Sequence[ManagedSecret]) -> None:
        """Puts secrets into the trash."""
        if secrets:
            self._run(lambda: self._delete(secrets), "deleting the secret")

    def projects(self) -> list[Project]:
        """Lists the projects."""
        account = self._account()
        found = [self._project(each) for each in account.api.projects(account.organization_id)]
        return sorted(found, key=lambda project: normal(project.name).casefold())

    def create_project(self, name: str) -> Project:
        """Creates a project."""
        account = self._account()
        encrypted = self._encrypted("key", _checked("key", name, "the project's name"))

        def create() -> Project:
            try:
                answer = account.api.create_project(account.organization_id, encrypted)
            except NotFound:
                raise NotWritable(
                    f"{account.server.name} does not let this machine account create projects.",
                    "Create it in the web vault, and give the account access.",
                ) from None
            return self._project(Answer(answer))

        return self._run(create, "creating the project")

    def rename_project(self, project: str | Project, name: str) -> Project:
        """Renames a project."""
        account = self._account()
        encrypted = self._encrypted("key", _checked("key", name, "the project's name"))

        def rename() -> Project:
            known = self._known_project(project)
            try:
                answer = account.api.rename_project(known.id, encrypted)
            except NotFound:
                raise _not_writable(f"the project '{known.name}'") from None
            self.download.expire()
            return self._project(Answer(answer))

        return self._run(rename, "renaming the project")

    def delete_project(self, project: Project) -> None:
        """Deletes a project."""
        account = self._account()

        def delete() -> None:
            refused = account.api.delete_projects([project.id])
            if refused[project.id]:
                raise _not_writable(f"the project '{project.name}'")
            self.download.expire()

        self._run(delete, "deleting the project")

    def renew_lock_after_fork(self) -> None:
        """Makes it usable in a forked child, where a held lock would stay held."""
        self._turn = threading.Lock()

    # Inside.

    def _announce(self, plain: Mapping[str, str]) -> None:
        for name in ("value", "note"):
            if plain.get(name):
                self._account().opener.secrets.make(plain[name], f"the new {name}")

    def _create(self, plain: Mapping[str, str], project: str | Project) -> ManagedSecret:
        account, read = self._account(), self.download.known()
        known = self._known_project(project)
        for each in read:
            if each.project == known and normal(each.key) == normal(plain["key"]):
                raise WriteRefused(
                    f"The project '{known.name}' has a secret '{each.key}' already.",
                    Remedy("Change that one: {}.", EDIT_SECRET),
                )
        sent = {name: self._encrypted(name, text) for name, text in plain.items()}
        body = {**sent, "projectIds": [known.id]}
        try:
            answer = Answer(account.api.create_secret(account.organization_id, body))
        except NotFound:
            raise _not_writable(f"the project '{known.name}'") from None
        except WriteUnclear as unclear:
            # A value is encrypted with random bytes: nobody else's is the same text.
            found = self._looked_up(lambda each: each.record.text("value") == sent["value"])
            if found is None:
                raise unclear from None
            return found
        return self._taken(answer, sent, known.id)

    def _edit(
        self, secret: ManagedSecret, plain: Mapping[str, str], project: str | Project | None
    ) -> ManagedSecret:
        account = self._account()
        try:
            fresh = Answer(account.api.secret(secret.id))
        except NotFound:
            raise NotFound(
                f"{account.server.name} no longer has the secret '{secret.key}', or does not let "
                "this machine account see it.",
                _LOOK,
            ) from None
        now, before = self._opened(fresh, secret.key), self._opened(secret.record, secret.key)
        at, was = _project_id(fresh), _project_id(secret.record)
        wanted = at if project is None else self._known_project(project).id
        changed = [name for name, text in plain.items() if text != now(name)]
        theirs = [name for name in _MEMBERS if _differs(fresh, secret.record, name, now, before)]
        theirs += ["project"] if at != was else []
        ours = [*changed, *(["project"] if wanted != at else [])]
        if both := [name for name in ours if name in theirs]:
            raise WriteConflict(
                f"The {' and the '.join(both)} of '{secret.key}' was changed elsewhere since it "
                "was read. Nothing was saved.",
                _LOOK,
                ours=ours,
                theirs=theirs,
            )
        if not ours:
            return self._kept(fresh)
        sent = {
            name: self._encrypted(name, plain[name])
            if name in changed
            else fresh.text(name) or self._encrypted(name, "")
            for name in _MEMBERS
        }
        body = {
            **sent,
            "projectIds": [wanted] if wanted else [],
            "valueChanged": "value" in changed,
        }
        try:
            answer = Answer(account.api.edit_secret(secret.id, body))
        except NotFound:
            raise _not_writable(f"the secret '{secret.key}'") from None
        except WriteUnclear as unclear:
            answer = self._again(secret.id, sent, unclear)
        return self._taken(answer, sent, wanted)

    def _delete(self, secrets: Sequence[ManagedSecret]) -> None:
        account = self._account()
        keys = {each.id.lower(): each.key for each in secrets}
        try:
            refused = account.api.delete_secrets(list(keys))
        except NotFound:
            raise NotFound(
                f"{account.server.name} no longer has "
                f"{'the secret' if len(keys) == 1 else 'all of the secrets'}. Nothing was deleted.",
                _LOOK,
            ) from None
        gone = [id for id, error in refused.items() if not error]
        known = self.download.secrets
        if gone and known is not None:
            self.download.take_written(known.without(gone))
        if left := [keys[id] for id, error in refused.items() if error]:
            names = ", ".join(f"'{key}'" for key in left[:5])
            more = f" and {len(left) - 5} more" if len(left) > 5 else ""
            rest = f" In the trash: {len(gone)} of {len(keys)}." if gone else ""
            raise NotWritable(
                f"{account.server.name} did not delete {names}{more}.{rest}",
                "This machine account may read them, not change them: ask an administrator.",
            )

    def _again(self, id: str, sent: Mapping[str, str], unclear: WriteUnclear) -> Answer:
        """Looks whether a change arrived whose answer was lost."""
        try:
            answer = Answer(self._account().api.secret(id))
        except (NotFound, ServerError):
            raise unclear from None
        if any(answer.text(name) != text for name, text in sent.items()):
            raise unclear
        return answer

    def _looked_up(self, fits: Callable[[ManagedSecret], bool]) -> ManagedSecret | None:
        try:
            self.download.run(force=True)
        except ServerError:
            return None
        return next((each for each in self.download.secrets or () if fits(each)), None)

    def _taken(self, answer: Answer, sent: Mapping[str, str], project_id: str) -> ManagedSecret:
        """Takes an answer over; raises `WriteUnclear` where it differs from the request."""
        other = [name for name, text in sent.items() if answer.text(name) != text]
        if not same_id(_project_id(answer), project_id):
            other.append("project")
        secret = self._kept(answer)
        if other:
            raise WriteUnclear(
                f"The server stored another {' and '.join(other)} than was sent.",
                "Look at the secret in the web vault before you change it again.",
            )
        return secret

    def _kept(self, answer: Answer) -> ManagedSecret:
        known = self.download.known().with_record(answer)
        self.download.take_written(known)
        return next(each for each in known if same_id(each.id, answer.text("id") or ""))

    def _known_project(self, project: str | Project) -> Project:
        if isinstance(project, Project):
            return project
        if not isinstance(project, str) or not project.strip():
            raise UsageMistake(
                "A machine account's secret needs a project.",
                Remedy("Name one: project='…'. List them: {}.", LIST_PROJECTS),
            )
        return find_project(self.projects(), project)

    def _project(self, entry: Answer) -> Project:
        try:
            name = self._account().opener.key.decrypt_text(entry.text("name") or "")
        except CryptographyError:
            name = UNREADABLE
        return Project(entry.text("id") or "", name)

    def _encrypted(self, member: str, text: str) -> str:
        encrypted = self._account().opener.key.encrypt_text(text)
        limit = _LONGEST_ENCRYPTED[member]
        if len(encrypted) > limit:
            raise TooLong(
                f"The {member} is too long: {len(encrypted)} characters once encrypted, and the "
                f"server takes {limit}.",
                "Shorten it.",
                member=member,
                length=len(encrypted),
                limit=limit,
            )
        return encrypted

    def _opened(self, record: Answer, key: str) -> Callable[[str], str]:
        """Reads members of a record that a change compares; an unreadable one is not replaced."""
        organization_key = self._account().opener.key

        def read(member: str) -> str:
            text = record.text(member)
            try:
                return organization_key.decrypt_text(text) if text else ""
            except CryptographyError as problem:
                raise Unreadable(
                    f"The {member} of '{key}' cannot be read, so it is not replaced: "
                    f"{problem.fact}",
                    "Open it in the Secrets Manager's web vault and save it again.",
                ) from None

        return read

    def _run(self, action: Callable[[], Result], what: str) -> Result:
        """Runs a change off the main thread, after those that began before it."""
        account = self._account()

        def in_turn() -> Result:
            with self._turn:
                account.api.patiently = self._patiently
                return action()

        return Task(in_turn, what).wait(self._on_wait)

    def _patiently(self, request: Callable[[], Reply]) -> Reply:
        return patiently(request, limit=_PATIENCE, on_wait=self._on_wait)


def _checked(member: str, text: object, what: str = "") -> str:
    """Returns a text that may be written, as the official clients trim it, or raises the reason."""
    what = what or f"the {member}"
    if not isinstance(text, str):
        raise UsageMistake(f"{what[:1].upper()}{what[1:]} is not a text.", "Pass a str.")
    text = str(text) if member == "value" else text.strip()
    refuse_mask(text, what)
    if not text and member != "note":
        raise WriteRefused(f"{what[:1].upper()}{what[1:]} is empty.", "The server refuses that.")
    if len(text) > LONGEST[member]:
        raise TooLong(
            f"{what[:1].upper()}{what[1:]} has {len(text)} characters; the longest is "
            f"{LONGEST[member]}.",
            "Shorten it.",
            member=member,
            length=len(text),
            limit=LONGEST[member],
        )
    return text


def _differs(
    fresh: Answer,
    old: Answer,
    member: str,
    now: Callable[[str], str],
    before: Callable[[str], str],
) -> bool:
    """Returns whether a member has another plain text than when it was read."""
    if fresh.text(member) == old.text(member):
        return False
    try:
        return now(member) != before(member)
    except Unreadable:
        return True


def _project_id(record: Answer) -> str:
    return next(((each.text("id") or "").lower() for each in record.objects("projects")), "")


def _not_writable(what: str) -> NotWritable:
    return NotWritable(
        f"This machine account may not change {what}, or it is gone.",
        "Give it the permission “Can read, write” for the project, under Machine accounts.",
    )
