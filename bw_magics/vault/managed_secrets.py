"""`ManagedSecrets`: the secrets that one machine account may read, found by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from bw_magics.answer import Answer
from bw_magics.errors import Ambiguous, CryptographyError, NotFound, ProjectNotFound
from bw_magics.secret import Unpicklable
from bw_magics.shown import told_apart
from bw_magics.steps import LIST_PROJECTS, LIST_SECRETS, Remedy
from bw_magics.vault.ids import is_guid, same_id
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.managed_secret import UNREADABLE, Keeper, ManagedSecret, Opener, Project
from bw_magics.vault.names import best, closest, folded

_SHOWN = 5
_MOST_SUGGESTED = 3
# docs/decisions/0017-bw-scheme.md
_OF_SECRETSPEC = (
    "An id alone is that of a secret. An address of SecretSpec has the id of a project: write "
    "bws://PROJECT/KEY here."
)


class ManagedSecrets(Unpicklable):
    """One answer of a sync. The names are decrypted at once, values when they are asked for.

    A record that cannot be read costs nothing but itself.
    """

    def __init__(self, records: Iterable[Answer], opener: Opener, keeper: Keeper) -> None:
        self._names: dict[str, str] = {}
        self._opener = opener
        self._keeper = keeper
        self._all = [self.open(record) for record in records]
        self._all.sort(key=lambda each: (folded(_project(each)), folded(each.key), each.id))

    def __repr__(self) -> str:
        return f"<ManagedSecrets: {len(self._all)}>"

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[ManagedSecret]:
        return iter(self._all)

    def open(self, record: Answer) -> ManagedSecret:
        """Opens a record that a server sent; the answer to a change may lack the project's name."""
        key, project = self._opener.key, None
        for entry in record.objects("projects"):
            id, name = entry.text("id") or "", entry.text("name")
            if name is not None and id not in self._names:
                self._names[id] = _decrypted(key.decrypt_text, name)
            project = Project(id, self._names.get(id, UNREADABLE))
            break
        name = _decrypted(key.decrypt_text, record.text("key") or "")
        return ManagedSecret(record, name, project, self._opener, self._keeper)

    @property
    def projects(self) -> list[Project]:
        """The projects of these secrets, by name."""
        found = {each.project.id: each.project for each in self._all if each.project is not None}
        return sorted(found.values(), key=lambda project: folded(project.name))

    def with_record(self, record: Answer) -> ManagedSecrets:
        """Returns the same secrets with one more, or another in place of the one with its id."""
        id = record.text("id") or ""
        others = [each.record for each in self._all if not same_id(each.id, id)]
        return ManagedSecrets([*others, record], self._opener, self._keeper)

    def without(self, ids: Iterable[str]) -> ManagedSecrets:
        """Returns the same secrets without those of some ids."""
        gone = {id.lower() for id in ids}
        left = [each.record for each in self._all if each.id.lower() not in gone]
        return ManagedSecrets(left, self._opener, self._keeper)

    def names(self) -> Iterator[str]:
        """Yields the keys of the secrets and the names of their projects."""
        yield from (each.key for each in self._all)
        yield from (project.name for project in self.projects)

    def of_project(self, project: str) -> list[ManagedSecret]:
        """Lists the secrets of a project, by its id or name; an empty name: those without one.

        Raises `NotFound` and `Ambiguous`.
        """
        if not project:
            return [each for each in self._all if each.project is None]
        wanted = find_project(self.projects, project)
        return [each for each in self._all if each.project == wanted]

    def find(self, reference: MachineReference) -> ManagedSecret:
        """Returns the one secret that a reference names: by id, exact key, or key ignoring case.

        Raises `NotFound` with the closest references, `Ambiguous` with the secrets that fit.
        """
        among: Sequence[ManagedSecret] = self._all
        if reference.project is not None:
            try:
                among = self.of_project(reference.project)
            except ProjectNotFound:
                missing = self._not_found(reference, self._all)
                raise ProjectNotFound(
                    missing.fact, missing.remedy, closest=missing.closest
                ) from None
        found = [each for each in among if same_id(each.id, reference.key)]
        found = found or best(among, lambda each: each.key, reference.key)
        if len(found) == 1:
            return found[0]
        if not found:
            raise self._not_found(reference, among or self._all)
        raise self._ambiguous(found)

    def _not_found(self, reference: MachineReference, among: Sequence[ManagedSecret]) -> NotFound:
        if not self._all:
            return ProjectNotFound(
                "This machine account may read no secrets.",
                "Give it access to a project in the Secrets Manager, under Machine accounts.",
            )
        likely = closest(reference.key, (each.key for each in among), most=_MOST_SUGGESTED)
        if reference.project is not None and not likely:
            likely = closest(reference.key, (each.key for each in self._all))
            among = self._all
        close = [each.reference for each in among if each.key in likely][:_MOST_SUGGESTED]
        advice: str | Remedy = Remedy("List them: {}.", LIST_SECRETS)
        if close:
            advice = f"Closest: {' or '.join(close)}"
        elif reference.project is None and is_guid(reference.key):
            advice = _OF_SECRETSPEC
        return NotFound("No secret fits the reference.", advice, closest=close)

    def _ambiguous(self, found: Sequence[ManagedSecret]) -> Ambiguous:
        names = {each.reference for each in found}
        each = (
            sorted(names)
            if len(names) == len(found)
            else [str(MachineReference(secret.id, _project(secret))) for secret in found]
        )
        more = f" and {len(each) - _SHOWN} more" if len(each) > _SHOWN else ""
        return Ambiguous(
            f"{len(found)} secrets fit the reference.",
            f"Write one of: {', '.join(each[:_SHOWN])}{more}.",
            candidates=found,
        )


def find_project(projects: Iterable[Project], wanted: str) -> Project:
    """Returns the one project of that id or name. Raises `ProjectNotFound` and `Ambiguous`."""
    known = list(projects)
    found = [each for each in known if same_id(each.id, wanted)]
    found = found or best(known, lambda each: each.name, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.id for each in found[:_SHOWN])
        raise Ambiguous(
            f"{len(found)} projects have that name.", f"Use an id: {ids}.", candidates=found
        )
    likely = closest(wanted, (each.name for each in known))
    asked, *names = told_apart([wanted, *likely])
    listing = Remedy("List them: {}.", LIST_PROJECTS)
    # A name that resembles none may be a secret that was put in its place.
    raise ProjectNotFound(
        f"No project is named '{asked}'." if names else "No project has that name.",
        f"Closest: {', '.join(names)}." if names else listing,
        closest=likely,
    )


def _project(secret: ManagedSecret) -> str:
    return secret.project.name if secret.project is not None else ""


def _decrypted(decrypt: Callable[[str], str], text: str) -> str:
    try:
        return decrypt(text)
    except CryptographyError:
        return UNREADABLE
