"""Routes of the API about the account: config, sync, revision date, API key, folders."""

from __future__ import annotations

import hmac
import secrets
import uuid
from datetime import datetime

from flask import Blueprint, Response, request

from bw_magics.demo.routes.client_request import body, client_version, current_vault
from bw_magics.demo.routes.json_answer import answer, empty, json_answer
from bw_magics.demo.service.service import Service
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault


def account_routes(service: Service, shape: Shape) -> Blueprint:
    """Makes the routes below `/api` about the account and its folders."""
    routes = Blueprint("account", __name__, url_prefix="/api")

    @routes.get("/config")
    def config() -> Response:
        return answer(shape.config())

    @routes.get("/sync")
    def sync() -> Response:
        vault = current_vault()
        domains = request.args.get("excludeDomains", "").lower() != "true"
        version = client_version()
        return json_answer(
            vault.cached(
                ("sync", domains, shape.gate(version)),
                lambda: shape.sync(vault, version=version, domains=domains),
            )
        )

    @routes.get("/accounts/revision-date")
    def revision_date() -> Response:
        return answer(current_vault().revision_milliseconds)

    @routes.get("/accounts/profile")
    def profile() -> Response:
        return answer(shape.profile(current_vault()))

    @routes.post("/accounts/api-key")
    def api_key() -> Response:
        vault = current_vault()
        _check_master_password(service, vault)
        return answer(_key_answer(vault.account.client_secret, shape.date(vault.revision)))

    @routes.post("/accounts/rotate-api-key")
    def rotate_api_key() -> Response:
        vault = current_vault()
        _check_master_password(service, vault)
        with vault.lock:
            vault.account.new_client_secret()
            vault.touch()
            return answer(_key_answer(vault.account.client_secret, shape.date(vault.revision)))

    @routes.post("/accounts/request-otp")
    def request_otp() -> Response:
        account = current_vault().account
        account.codes[:] = [f"{secrets.randbelow(10**6):06}"]
        return empty()

    @routes.post("/accounts/verify-password")
    def verify_password() -> Response:
        _check_master_password(service, current_vault())
        return answer({"object": "masterPasswordPolicy"})

    @routes.get("/folders")
    def folders() -> Response:
        listed = [shape.folder(folder) for folder in current_vault().folders.values()]
        return answer({"data": listed, "continuationToken": None, "object": "list"})

    @routes.post("/folders")
    def create_folder() -> Response:
        vault = current_vault()
        folder = {"id": str(uuid.uuid4()), "name": _folder_name(service)}
        with vault.lock:
            vault.folders[folder["id"]] = folder
            vault.touch(folder)
        return answer(shape.folder(folder))

    @routes.get("/folders/<folder_id>")
    def read_folder(folder_id: str) -> Response:
        return answer(shape.folder(_folder(service, folder_id)))

    @routes.put("/folders/<folder_id>")
    def rename_folder(folder_id: str) -> Response:
        folder, vault = _folder(service, folder_id), current_vault()
        with vault.lock:
            folder["name"] = _folder_name(service)
            vault.touch(folder)
        return answer(shape.folder(folder))

    @routes.delete("/folders/<folder_id>")
    def delete_folder(folder_id: str) -> Response:
        folder, vault = _folder(service, folder_id), current_vault()
        with vault.lock:
            del vault.folders[folder["id"]]
            for record in vault.items.values():
                if record["folderId"] == folder["id"]:
                    record["folderId"] = None
            vault.touch()
        return empty(shape.rules.deleted_folder)

    return routes


def event_routes() -> Blueprint:
    """Makes the events route, where the CLI reports shown items of an organisation."""
    routes = Blueprint("events", __name__, url_prefix="/events")

    @routes.post("/collect")
    def collect() -> Response:
        return empty()

    return routes


def _folder(service: Service, folder_id: str) -> Record:
    folder = current_vault().folders.get(folder_id)
    if folder is None:
        raise service.absent("folder")
    return folder


def _folder_name(service: Service) -> str:
    name = body().get("name")
    rules = service.shape.rules
    if not isinstance(name, str):
        raise service.refuse_by(rules.nameless_folder)
    if rules.plain_folder is not None and not name.startswith(("2.", "7.")):
        status, text = rules.plain_folder
        raise service.refuse(status, text, Name="Name is not a valid encrypted string.")
    return name


def _check_master_password(service: Service, vault: StoredVault) -> None:
    """Checks the master password hash or a one-time code; raises `Refused`."""
    codes = vault.account.codes
    if codes and hmac.compare_digest(str(body().get("otp", "")).encode(), codes[0].encode()):
        codes.clear()
        return
    given = str(body().get("masterPasswordHash", ""))
    expected = vault.master_key.password_hash(password=vault.account.master_password)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        service.delay_refusal()
        raise service.refuse(
            400, "The model state is invalid.", MasterPasswordHash="User verification failed."
        )


def _key_answer(secret: str, date: str | datetime | None) -> Record:
    return {"apiKey": secret, "revisionDate": date, "object": "apiKey"}
