"""Routes of the Secrets Manager, as an official server answers a machine account."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, request

from bw_magics.demo.json_object import Json
from bw_magics.demo.routes.client_request import body
from bw_magics.demo.routes.json_answer import answer
from bw_magics.demo.service.service import Refused, Service
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.stored.machine_secrets import MachineAccount, Record, StoredSecrets

_PATH = re.compile(r"/api/(?:organizations/[^/]+/)?(?:secrets|projects)(?:/|$)")
_LONGEST = {"key": 1000, "value": 35_000, "note": 10_000}


def is_for_machines(path: str) -> bool:
    """Tells whether a path belongs to the Secrets Manager."""
    return _PATH.match(path) is not None


def machine_secret_routes(service: Service, shape: Shape, store: StoredSecrets) -> Blueprint:
    """Makes the routes below `/api` about secrets and projects."""
    routes = Blueprint("machine_secrets", __name__, url_prefix="/api")

    def missing() -> Refused:
        return service.refuse(404, "Resource not found.")

    def check_organization(organization_id: str) -> None:
        if organization_id.lower() != store.organization_id:
            raise missing()

    def described(record: Record, kind: str) -> Json:
        project = store.projects.get(record["projectId"])
        shown = {
            "id": record["id"],
            "organizationId": store.organization_id,
            "key": record["key"],
            "value": record["value"],
            "note": record["note"],
            "creationDate": shape.date(record["creationDate"]),
            "revisionDate": shape.date(record["revisionDate"]),
            "projects": [{"id": project["id"], "name": project["name"]}] if project else [],
            "object": kind,
        }
        if kind == "secret":
            writes = store.may_write(machine(), record["projectId"])
            shown |= {"read": True, "write": writes}
        return shown

    def described_project(record: Record) -> Json:
        return {
            "id": record["id"],
            "organizationId": store.organization_id,
            "name": record["name"],
            "creationDate": shape.date(record["creationDate"]),
            "revisionDate": shape.date(record["revisionDate"]),
            "read": True,
            "write": store.may_write(machine(), record["id"]),
            "object": "project",
        }

    def readable(secret_id: str) -> Record:
        found = (each for each in store.readable(machine()) if each["id"] == secret_id.lower())
        record = next(found, None)
        if record is None:
            raise missing()
        return record

    def members() -> tuple[Json, str | None]:
        """Reads a secret from a request; at most one project, which has to be writable."""
        given = body()
        errors: dict[str, str] = {}
        for name, longest in _LONGEST.items():
            text = given.get(name)
            if not isinstance(text, str) or not text.startswith("2."):
                errors[name] = f"{name} is not a valid encrypted string."
            elif len(text) > longest:
                errors[name] = f"The field {name} exceeds the maximum encrypted value length."
        projects = given.get("projectIds") or []
        if len(projects) > 1:
            errors["projectIds"] = "Only one project assignment is supported."
        if errors:
            raise service.refuse(400, "The model state is invalid.", **errors)
        project_id = str(projects[0]).lower() if projects else None
        if not store.may_write(machine(), project_id):
            raise missing()
        return {name: given[name] for name in _LONGEST}, project_id

    @routes.get("/organizations/<organization_id>/secrets")
    def listed(organization_id: str) -> Response:
        check_organization(organization_id)
        records = store.readable(machine())
        secrets = [described(record, "secret") for record in records]
        for each in secrets:
            del each["value"], each["note"], each["object"]
        ids = dict.fromkeys(record["projectId"] for record in records)
        projects = [store.projects[id] for id in ids if id in store.projects]
        return answer(
            {
                "secrets": secrets,
                "projects": [{"id": each["id"], "name": each["name"]} for each in projects],
                "object": "SecretsWithProjectsList",
            }
        )

    @routes.get("/organizations/<organization_id>/secrets/sync")
    def sync(organization_id: str) -> Response:
        check_organization(organization_id)
        since = _date(service, request.args.get("lastSyncedDate"))
        if since is not None and since >= store.changed:
            return answer({"hasChanges": False, "secrets": None, "object": "secretsSync"})
        data = [described(record, "baseSecret") for record in store.readable(machine())]
        listing = {"data": data, "continuationToken": None, "object": "list"}
        return answer({"hasChanges": True, "secrets": listing, "object": "secretsSync"})

    @routes.post("/organizations/<organization_id>/secrets")
    def create(organization_id: str) -> Response:
        check_organization(organization_id)
        given, project_id = members()
        with store.lock:
            return answer(described(store.put(str(uuid.uuid4()), given, project_id), "secret"))

    @routes.get("/projects/<project_id>/secrets")
    def of_project(project_id: str) -> Response:
        if project_id.lower() not in machine().writes:
            raise missing()
        records = [r for r in store.readable(machine()) if r["projectId"] == project_id.lower()]
        secrets = [described(record, "secret") for record in records]
        for each in secrets:
            del each["value"], each["note"], each["object"]
        return answer({"secrets": secrets, "projects": [], "object": "SecretsWithProjectsList"})

    @routes.get("/secrets/<secret_id>")
    def read(secret_id: str) -> Response:
        return answer(described(readable(secret_id), "secret"))

    @routes.post("/secrets/get-by-ids")
    def by_ids() -> Response:
        ids = body().get("ids") or []
        if len(set(ids)) != len(ids):
            raise service.refuse(400, "The following GUIDs were duplicated.")
        data = [described(readable(str(id)), "baseSecret") for id in ids]
        return answer({"data": data, "continuationToken": None, "object": "list"})

    @routes.put("/secrets/<secret_id>")
    def edit(secret_id: str) -> Response:
        record = readable(secret_id)
        if not store.may_write(machine(), record["projectId"]):
            raise missing()
        given, project_id = members()
        with store.lock:
            return answer(described(store.put(record["id"], given, project_id), "secret"))

    @routes.post("/secrets/delete")
    def delete() -> Response:
        ids = _ids()
        if not ids or any(id not in store.secrets for id in ids):
            raise missing()
        data = []
        with store.lock:
            for id in ids:
                may = store.may_write(machine(), store.secrets[id]["projectId"])
                data.append(_deleted(id, "" if may else "access denied"))
                if may:
                    del store.secrets[id]
            store.touch()
        return answer({"data": data, "continuationToken": None, "object": "list"})

    @routes.get("/organizations/<organization_id>/projects")
    def projects(organization_id: str) -> Response:
        check_organization(organization_id)
        data = [described_project(store.projects[id]) for id in machine().writes]
        return answer({"data": data, "continuationToken": None, "object": "list"})

    @routes.post("/organizations/<organization_id>/projects")
    def create_project(organization_id: str) -> Response:
        check_organization(organization_id)
        with store.lock:
            return answer(described_project(store.add_project(_name(service), machine())))

    @routes.get("/projects/<project_id>")
    def read_project(project_id: str) -> Response:
        if project_id.lower() not in machine().writes:
            raise missing()
        return answer(described_project(store.projects[project_id.lower()]))

    @routes.put("/projects/<project_id>")
    def rename_project(project_id: str) -> Response:
        if not store.may_write(machine(), project_id.lower()):
            raise missing()
        with store.lock:
            record = store.projects[project_id.lower()]
            record |= {"name": _name(service), "plain": None, "revisionDate": store.touch()}
        return answer(described_project(record))

    @routes.post("/projects/delete")
    def delete_projects() -> Response:
        ids = _ids()
        if not ids or any(id not in store.projects for id in ids):
            raise missing()
        data = []
        with store.lock:
            for id in ids:
                may = store.may_write(machine(), id)
                data.append(_deleted(id, "" if may else "access denied"))
                if may:
                    store.delete_project(id)
                    for account in store.accounts:
                        account.writes.pop(id, None)
        return answer({"data": data, "continuationToken": None, "object": "list"})

    return routes


def machine() -> MachineAccount:
    """Returns the machine account whose token came with the request."""
    account: MachineAccount = g.machine
    return account


def _deleted(id: str, error: str) -> Json:
    return {"id": id, "error": error, "object": "BulkDeleteResponseModel"}


def _ids() -> list[str]:
    given: Any = request.get_json(silent=True, force=True)
    return [str(id).lower() for id in given] if isinstance(given, list) else []


def _name(service: Service) -> str:
    name = body().get("name")
    if not isinstance(name, str) or not name.startswith("2.") or len(name) > _LONGEST["key"]:
        raise service.refuse(
            400, "The model state is invalid.", Name="Name is not a valid encrypted string."
        )
    return name


def _date(service: Service, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise service.refuse(400, "The model state is invalid.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > datetime.now(UTC):
        raise service.refuse(400, "Last synced date must be in the past.")
    return moment
