"""One message of every kind that a kernel sends, with a text in each place that has payload."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]


def bundle(text: str) -> Content:
    """A mime bundle; the image's base64 is not text."""
    return {
        "text/plain": text,
        "text/html": f"<b>{text}</b>",
        "image/svg+xml": f"<svg><text>{text}</text></svg>",
        "image/png": "iVBORw0KGgo=",
        "application/json": {"status": [text, 1, 2.5, None, True], "name": {"value": text}},
    }


def every(text: str) -> dict[str, Content]:
    """Every kind of message with payload; `text` is in every place of it, and nowhere else."""
    error = {"ename": "ValueError", "evalue": text, "traceback": [text, f"at {text}"]}
    return {
        "stream": {"name": "stdout", "text": text},
        "display_data": {
            "data": bundle(text),
            "metadata": {"image/png": {"width": 640}, "note": text},
            "transient": {"display_id": "status"},
        },
        "update_display_data": {
            "data": bundle(text),
            "metadata": {},
            "transient": {"display_id": "password"},
        },
        "execute_result": {"data": bundle(text), "metadata": {}, "execution_count": 123456},
        "error": dict(error),
        "execute_reply": {
            "status": "ok",
            "execution_count": 3,
            "payload": [
                {"source": "page", "data": {"text/plain": text}, "start": 0},
                {"source": "set_next_input", "text": text, "replace": False},
            ],
            "user_expressions": {
                "status": {"status": "ok", "data": {"text/plain": text}, "metadata": {}},
                "wrong": {"status": "error", **error},
            },
        },
        "execute_input": {"code": text, "execution_count": 3},
        "comm_open": {
            "comm_id": "password",
            "target_name": "jupyter.widget",
            "data": {
                "state": {
                    "_model_name": "HTMLModel",
                    "_view_module": "@jupyter-widgets/controls",
                    "layout": "IPY_MODEL_0123456789abcdef",
                    "value": text,
                },
                "buffer_paths": [["state", "value"]],
            },
        },
        "comm_msg": {
            "comm_id": "password",
            "data": {"method": "custom", "content": {"shown": [text]}},
        },
        "comm_close": {"comm_id": "password", "data": {"why": text}},
        "inspect_reply": {
            "status": "ok",
            "found": True,
            "data": {"text/plain": text},
            "metadata": {},
        },
        "complete_reply": {
            "status": "ok",
            "matches": [text, "status"],
            "cursor_start": 0,
            "cursor_end": 4,
            "metadata": {
                "_jupyter_types_experimental": [
                    {"start": 0, "end": 4, "text": text, "type": "statement", "signature": text}
                ]
            },
        },
        "history_reply": {"status": "ok", "history": [[0, 1, text], [0, 2, ["x", text]]]},
        "debug_reply": {
            "type": "response",
            "command": "variables",
            "success": True,
            "body": {
                "variables": [{"name": "s", "value": text, "type": "str", "variablesReference": 0}]
            },
        },
        "debug_event": {"type": "event", "event": "output", "body": {"output": text}},
        "input_request": {"prompt": text, "password": True},
    }


# What a kernel also sends, without anything that a cell put out.
WITHOUT_PAYLOAD: dict[str, Content] = {
    "status": {"execution_state": "idle"},
    "clear_output": {"wait": True},
    "kernel_info_reply": {
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": "ipython",
        "banner": "status password postgres",
        "language_info": {"name": "python"},
    },
    "comm_info_reply": {"status": "ok", "comms": {"password": {"target_name": "status"}}},
    "is_complete_reply": {"status": "incomplete", "indent": "    "},
    "shutdown_reply": {"status": "ok", "restart": False},
    "usage_reply": {"kernel_cpu": 1.5},
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Every value by the way to it."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = dict(enumerate(value)).items()
    else:
        return {path: value}
    return {
        way: leaf for key, part in parts for way, leaf in leaves(part, (*path, key)).items()
    } or {path: value}
