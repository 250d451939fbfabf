"""A front end that shows forms, without a browser: it says and does what it is told to."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.notebook.kernel import Kernel
from tests.notebook.panels.browser_side import seal

LOADED: dict[str, object] = {"t": "loaded", "hidden": False}
HIDDEN: dict[str, object] = {"t": "loaded", "hidden": True}
READY: dict[str, object] = {"t": "ready"}

_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass
class Page:
    """Says `says` as soon as it shows a form; types `answers` into it, one set for every time that
    it is asked. `asked` is what the form was told to ask.
    """

    says: Sequence[dict[str, object]] = ()
    answers: list[Mapping[str, str]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, kernel: Kernel, message: dict[str, Any]) -> None:
        """Takes in what the kernel published."""
        content = message["content"]
        match message["header"]["msg_type"]:
            case "display_data" if _VIEW in content["data"]:
                for each in self.says:
                    kernel.tell(content["data"][_VIEW]["model_id"], each)
            case "comm_msg" if content["data"].get("method") == "custom":
                self._take(kernel, content["comm_id"], content["data"]["content"])

    def _take(self, kernel: Kernel, comm_id: str, told: dict[str, Any]) -> None:
        if told["t"] != "ask" or any(told["nonce"] == each["nonce"] for each in self.asked):
            return
        self.asked.append(told)
        if READY in self.says and self.answers:
            about, nonce = told["about"], told["nonce"]
            sealed = seal(self.answers.pop(0), b64decode(about["key"]), about["binding"], nonce)
            kernel.tell(comm_id, {"t": "submit", "nonce": nonce, "sealed": sealed})
