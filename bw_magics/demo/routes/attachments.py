"""Routes about attachments: announce, upload, download, delete.

Files are uploaded directly, as to a self-hosted server, or to an address of their own like that
of Azure's blob storage. Such an address, like one to download from, has its own token and needs no
bearer token.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from bw_magics.demo.routes.client_request import body
from bw_magics.demo.routes.item_request import check_age
from bw_magics.demo.routes.items import find_editable_item, find_item
from bw_magics.demo.routes.json_answer import answer, empty
from bw_magics.demo.service.service import Service
from bw_magics.demo.shapes.official import OfficialShape
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.shapes.write_rules import VAULTWARDEN
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

# What an address of Azure's tells beside its signature.
_SIGNED = "sv=2023-11-03&se=2099-12-31T23%3A59%3A59Z"


def attachment_routes(service: Service, shape: Shape) -> Blueprint:
    """Makes the routes below `/api/ciphers/{id}/attachment` and `/attachments`."""
    routes = Blueprint("attachments", __name__)

    @routes.post("/api/ciphers/<item_id>/attachment/v2")
    def announce(item_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        sent = body()
        name, key, size = sent.get("fileName"), sent.get("key"), sent.get("fileSize")
        if not isinstance(name, str) or not isinstance(key, str) or not isinstance(size, int):
            raise service.refuse(400, "The model state is invalid.")
        official = isinstance(shape, OfficialShape)
        if official:
            check_age(service, sent, record, official=True)
            _check_room(vault, size)
        with vault.lock:
            attachment = vault.new_attachment(record, shape.attachment_id(), name, key, size)
            _touch(vault, record, "announced")
            path = f"/ciphers/{item_id}/attachment/{attachment['id']}"
            address = f"{shape.base}/api{path}" if official else path
            if service.azure:
                token = service.permissions.permit(vault, item_id, attachment["id"])
                address = f"{shape.base}/blobs/{item_id}/{attachment['id']}?{_SIGNED}&sig={token}"
            announced = {
                "attachmentId": attachment["id"],
                "url": address,
                "fileUploadType": 1 if service.azure else 0,
                "cipherResponse": shape.item(vault, record, "cipher"),
                "object": "attachment-fileUpload",
            }
            return answer(announced | ({"cipherMiniResponse": None} if official else {}))

    @routes.post("/api/ciphers/<item_id>/attachment/<attachment_id>")
    def upload(item_id: str, attachment_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        attachment = _find(service, record, attachment_id)
        file = request.files.get("data")
        if file is None:
            raise service.refuse(400, "No file was sent.")
        _check_room(vault, attachment["size"])
        _store(vault, record, attachment, file.read())
        return empty(shape.rules.uploaded)

    @routes.put("/blobs/<item_id>/<attachment_id>")
    def put_blob(item_id: str, attachment_id: str) -> Response:
        vault = service.permissions.vault(request.args.get("sig", ""), item_id, attachment_id)
        record = None if vault is None else vault.items.get(item_id)
        part = request.args.get("comp")
        is_azure = part or request.headers.get("x-ms-blob-type") == "BlockBlob"
        if vault is None or record is None or not is_azure or "Authorization" in request.headers:
            return Response("<Error/>", 403, content_type="application/xml")
        attachment = _find(service, record, attachment_id)
        if part == "block":
            service.blocks.setdefault(attachment_id, {})[request.args["blockid"]] = (
                request.get_data()
            )
            return empty(201)
        contents = request.get_data()
        if part == "blocklist":
            known = service.blocks.pop(attachment_id, {})
            wanted = re.findall(r"<Latest>([^<]*)</Latest>", contents.decode())
            if not wanted or not known.keys() >= set(wanted):
                return Response("<Error/>", 400, content_type="application/xml")
            contents = b"".join(known[id] for id in wanted)
        _store(vault, record, attachment, contents)
        return empty(201)

    @routes.get("/api/ciphers/<item_id>/attachment/<attachment_id>/renew")
    def renew(item_id: str, attachment_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        _find(service, record, attachment_id)
        if not service.azure or attachment_id in vault.files:
            raise service.refuse(404, "Resource not found.")
        token = service.permissions.permit(vault, item_id, attachment_id)
        address = f"{shape.base}/blobs/{item_id}/{attachment_id}?{_SIGNED}&sig={token}"
        return answer(
            {"attachmentId": attachment_id, "url": address, "fileUploadType": 1,
             "object": "attachment-fileUpload"}
        )  # fmt: skip

    @routes.get("/api/ciphers/<item_id>/attachment/<attachment_id>")
    def read(item_id: str, attachment_id: str) -> Response:
        vault, record = find_item(service, item_id)
        attachment = _find(service, record, attachment_id)
        token = service.permissions.permit(vault, item_id, attachment_id)
        return answer(shape.attachment(record, attachment, token))

    @routes.delete("/api/ciphers/<item_id>/attachment/<attachment_id>")
    def delete(item_id: str, attachment_id: str) -> Response:
        vault, record = find_editable_item(service, item_id)
        _find(service, record, attachment_id)
        with vault.lock:
            del record["attachments"][attachment_id]
            vault.files.pop(attachment_id, None)
            _touch(vault, record, "deleted")
            item = shape.item(vault, record, "cipher")
        if shape.rules is VAULTWARDEN:
            return answer({})
        return answer({"cipher": item, "object": "deleteAttachment"})

    @routes.get("/attachments/<item_id>/<attachment_id>")
    def download(item_id: str, attachment_id: str) -> Response:
        vault = service.permissions.vault(request.args.get("token", ""), item_id, attachment_id)
        contents = None if vault is None else vault.files.get(attachment_id)
        if contents is None:
            raise service.refuse(404, "Resource not found.")
        return Response(contents, content_type="application/octet-stream")

    def _check_room(vault: StoredVault, size: int) -> None:
        used = sum(map(len, vault.files.values()))
        if service.storage is not None and used + size > service.storage:
            raise service.refuse(400, shape.no_room)

    def _store(vault: StoredVault, record: Record, attachment: Record, contents: bytes) -> None:
        if shape.rules.checks_size and len(contents) != attachment["size"]:
            raise service.refuse(400, shape.rules.other_size)
        with vault.lock:
            vault.files[attachment["id"]] = contents
            _touch(vault, record, "stored")

    def _touch(vault: StoredVault, record: Record, step: str) -> None:
        vault.touch(*((record,) if step in shape.rules.dating_files else ()))

    return routes


def _find(service: Service, record: Record, attachment_id: str) -> Record:
    attachment: Record | None = record["attachments"].get(attachment_id)
    if attachment is None:
        raise service.absent("attachment")
    return attachment
