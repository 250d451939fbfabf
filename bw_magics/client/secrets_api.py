"""`SecretsApi`: the calls of the Secrets Manager (docs/protocol.md, Secrets Manager)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from bw_magics.answer import Answer
from bw_magics.client.authorized import AuthorizedCalls, Json, part
from bw_magics.client.reply import Reply
from bw_magics.client.transport import Body
from bw_magics.errors import AnswerUnusable


class SecretsApi(AuthorizedCalls):
    """The calls about secrets and projects of one organisation, as a machine account.

    Takes and gives encrypted records; raises the errors of `AuthorizedCalls`.
    """

    def sync(self, organization_id: str, *, since: str | None = None) -> Reply:
        """Asks for every secret that the account may read, with its value, in one answer.

        `since` is a date in ISO 8601 by the server's clock: where nothing changed after it, the
        answer holds no secrets. It must not be in the future.
        """
        query = f"?{urlencode({'lastSyncedDate': since})}" if since is not None else ""
        path = f"organizations/{part(organization_id)}/secrets/sync{query}"
        return self._requested("GET", path, None, "the secrets")

    def secret(self, secret_id: str) -> Json:
        """Returns the secret's record as it is now."""
        return self._object("GET", f"secrets/{part(secret_id)}", None, "the secret")

    def create_secret(self, organization_id: str, record: Json) -> Json:
        """Creates a secret: `key`, `value`, `note` and at most one of `projectIds`."""
        path = f"organizations/{part(organization_id)}/secrets"
        return self._object("POST", path, record, "the new secret")

    def edit_secret(self, secret_id: str, record: Json) -> Json:
        """Replaces the secret's record. Without `projectIds` it would leave its project."""
        return self._object("PUT", f"secrets/{part(secret_id)}", record, "the secret")

    def delete_secrets(self, secret_ids: Sequence[str]) -> dict[str, str]:
        """Puts secrets into the trash; gives the server's refusal for each, empty where it did."""
        return self._deleted("secrets/delete", secret_ids, "the secrets")

    def projects(self, organization_id: str) -> list[Answer]:
        """Lists the projects that the account may read."""
        path = f"organizations/{part(organization_id)}/projects"
        return list(self._entries("GET", path, None, "the projects"))

    def create_project(self, organization_id: str, name: str) -> Json:
        """Creates a project; `name` is an EncString."""
        path = f"organizations/{part(organization_id)}/projects"
        return self._object("POST", path, {"name": name}, "the new project")

    def rename_project(self, project_id: str, name: str) -> Json:
        """Renames a project."""
        return self._object("PUT", f"projects/{part(project_id)}", {"name": name}, "the project")

    def delete_projects(self, project_ids: Sequence[str]) -> dict[str, str]:
        """Deletes projects; gives the server's refusal for each, empty where it did."""
        return self._deleted("projects/delete", project_ids, "the projects")

    def _deleted(self, path: str, ids: Sequence[str], what: str) -> dict[str, str]:
        """Deletes in one request. An id that the answer leaves out was not deleted."""
        found = dict.fromkeys(ids, "the server did not say")
        for entry in self._entries("POST", path, list(ids), what):
            id = (entry.text("id") or "").lower()
            if id in found:
                found[id] = entry.text("error") or ""
        return found

    def _entries(self, method: str, path: str, body: Body | None, what: str) -> Iterator[Answer]:
        answer = self._requested(method, path, body, what).answer
        if not isinstance(answer.get("data"), list):
            raise AnswerUnusable(
                f"The answer of {self._server.name} about {what} is not a list.",
                "Check that this is the address of your Bitwarden server.",
            )
        return answer.objects("data")
