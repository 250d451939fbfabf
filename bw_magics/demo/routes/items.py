"""Routes about items."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from bw_magics.demo.json_object import Json
from bw_magics.demo.routes.client_request import body, current_vault
from bw_magics.demo.routes.item_request import (
    check_folder,
    check_json,
    read_item,
    rewrap_attachments,
)
from bw_magics.demo.routes.json_answer import answer, empty
from bw_magics.demo.service.service import Service
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault


def find_item(service: Service, item_id: str) -> tuple[StoredVault, Record]:
    """Finds an item in the request's vault; refuses another account's item as an unknown one."""
    vault = current_vault()
    record = vault.items.get(item_id)
    if record is None:
        raise service.absent("item")
    return vault, record


def find_editable_item(service: Service, item_id: str) -> tuple[StoredVault, Record]:
    """Finds an item in the request's vault; refuses if the account may only read it."""
    vault, record = find_item(service, item_id)
    if not record["edit"]:
        raise service.refuse(400, "You do not have permissions to edit this.")
    return vault, record


def item_routes(service: Service, shape: Shape, several: str) -> Blueprint:
    """Makes the routes below `/api/ciphers`, except those of attachments.

    `several` is the HTTP method for several items into the trash and back.
    """
    routes = Blueprint("items", __name__, url_prefix="/api/ciphers")

    @routes.get("")
    def all_items() -> Response:
        vault = current_vault()
        listed = [shape.item(vault, record) for record in vault.items.values()]
        return answer({"data": listed, "continuationToken": None, "object": "list"})

    @routes.post("")
    def create_item() -> Response:
        vault, sent = current_vault(), body()
        check_json(service)
        with vault.lock:
            record = vault.new_item(read_item(service, vault, sent, None))
            return answer(shape.item(vault, record, "cipher"))

    @routes.post("/create")
    def create_organization_item() -> Response:
        vault, sent = current_vault(), body()
        members = sent.get("cipher")
        collections = sent.get("collectionIds") or []
        if not isinstance(members, dict) or not collections:
            raise service.refuse(400, "You must select at least one collection.")
        with vault.lock:
            read = read_item(service, vault, members, None)
            for collection_id in collections:
                _check_collection(service, vault, collection_id, read["organizationId"])
            record = vault.new_item({**read, "collectionIds": collections})
            return answer(shape.item(vault, record, "cipherMini"))

    @routes.get("/<item_id>")
    def read_one(item_id: str) -> Response:
        vault, record = find_item(service, item_id)
        return answer(shape.item(vault, record, "cipher"))

    @routes.get("/<item_id>/details")
    def read_details(item_id: str) -> Response:
        vault, record = find_item(service, item_id)
        return answer(shape.item(vault, record))

    @routes.put("/<item_id>")
    @routes.post("/<item_id>")
    def edit_item(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        with vault.lock:
            sent = body()
            check_json(service)
            read = read_item(service, vault, sent, record)
            rewrap_attachments(record, sent)
            record.update(read)
            vault.touch(record)
            return answer(shape.item(vault, record, "cipher"))

    @routes.put("/<item_id>/partial")
    def edit_partially(item_id: str) -> Response:
        vault, record = find_item(service, item_id)
        sent = body()
        check_folder(service, vault, sent.get("folderId"))
        with vault.lock:
            record["folderId"] = sent.get("folderId")
            record["favorite"] = sent.get("favorite") is True
            _touch_filed(vault, record)
            return answer(shape.item(vault, record, "cipher"))

    @routes.put("/<item_id>/share")
    def share_item(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        sent = body()
        members, collections = sent.get("cipher"), sent.get("collectionIds") or []
        if not isinstance(members, dict) or not collections:
            raise service.refuse(400, "You must select at least one collection.")
        if record["organizationId"] is not None:
            raise service.refuse(400, "Already belongs to an organization.")
        with vault.lock:
            read = read_item(service, vault, members, record, is_shared=True)
            for collection_id in collections:
                _check_collection(service, vault, collection_id, read["organizationId"])
            rewrap_attachments(record, members)
            record.update({**read, "collectionIds": collections})
            vault.touch(record)
            return answer(shape.item(vault, record, "cipher"))

    @routes.put("/<item_id>/collections")
    @routes.put("/<item_id>/collections_v2")
    def put_collections(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        collections = body().get("collectionIds") or []
        with vault.lock:
            for collection_id in collections:
                _check_collection(service, vault, collection_id, record["organizationId"])
            record["collectionIds"] = collections
            vault.touch(record)
            item = shape.item(vault, record)
            return answer({"cipher": item, "unavailable": False, "object": "optionalCipherDetails"})

    @routes.put("/<item_id>/delete")
    def trash_item(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        with vault.lock:
            record["deletedDate"] = datetime.now(UTC)
            vault.touch(record)
            if shape.trashes_first:
                return answer(shape.item(vault, record, "cipher"))
        return empty()

    @routes.put("/<item_id>/restore")
    def restore_item(item_id: str) -> Response:
        return _dated(item_id, "deletedDate", None)

    @routes.put("/<item_id>/archive")
    def archive_item(item_id: str) -> Response:
        return _dated(item_id, "archivedDate", datetime.now(UTC))

    @routes.put("/<item_id>/unarchive")
    def unarchive_item(item_id: str) -> Response:
        return _dated(item_id, "archivedDate", None)

    @routes.delete("/<item_id>")
    def delete_item(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        with vault.lock:
            if shape.trashes_first and record["deletedDate"] is None:
                record["deletedDate"] = datetime.now(UTC)
                vault.touch(record)
                return answer(shape.item(vault, record, "cipher"))
            vault.remove_item(record)
        return empty(204 if shape.trashes_first else 200)

    def _dated(item_id: str, member: str, moment: datetime | None) -> Response:
        vault, record = find_editable_item(service, item_id)
        with vault.lock:
            record[member] = moment
            if member == "archivedDate":
                _touch_filed(vault, record)
            else:
                vault.touch(record)
            item: Json = shape.item(vault, record, "cipher")
        return answer(item)

    def _touch_filed(vault: StoredVault, *records: Record) -> None:
        vault.touch(*(() if shape.rules.files_silently else records))

    # Several items in one request, as the CLI archives and web vaults do all of it.

    def _several(member: str, moment: datetime | None) -> list[Json]:
        vault = current_vault()
        records = [vault.items[id] for id in body().get("ids") or () if id in vault.items]
        with vault.lock:
            for record in records:
                record[member] = moment
            if member == "archivedDate":
                _touch_filed(vault, *records)
            else:
                vault.touch(*records)
            return [shape.item(vault, record) for record in records]

    @routes.put("/archive")
    def archive_items() -> Response:
        return answer({"data": _several("archivedDate", datetime.now(UTC)), "object": "list"})

    @routes.put("/unarchive")
    def unarchive_items() -> Response:
        return answer({"data": _several("archivedDate", None), "object": "list"})

    @routes.route("/delete", methods=[several])
    def trash_items() -> Response:
        _several("deletedDate", datetime.now(UTC))
        return empty(shape.rules.trashed_many)

    @routes.route("/restore", methods=[several])
    def restore_items() -> Response:
        restored = _several("deletedDate", None)
        if shape.rules.trashed_many != 200:
            return empty(shape.rules.trashed_many)
        return answer({"data": restored, "object": "list"})

    @routes.put("/move")
    def move_items() -> Response:
        vault, sent = current_vault(), body()
        check_folder(service, vault, sent.get("folderId"))
        with vault.lock:
            for id in sent.get("ids") or ():
                if id in vault.items:
                    vault.items[id]["folderId"] = sent.get("folderId")
                    _touch_filed(vault, vault.items[id])
        return empty(shape.rules.moved_many)

    return routes


def _check_collection(
    service: Service, vault: StoredVault, collection_id: str, organization_id: str | None
) -> None:
    found = vault.collections.get(collection_id)
    if found is None or found[0].organization_id != organization_id:
        raise service.refuse(404, "Resource not found.")
