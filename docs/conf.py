"""The site, built with `make docs`: Sphinx, furo, and MyST-NB, which runs each page."""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bw_magics.settings import VERSION

HERE = Path(__file__).parent
# The gallery's notebooks are pages, too; they are copied here for the build and ignored by git.
GALLERY = HERE / "gallery"

project = "bw_magics"
author = copyright = "the authors of bw_magics"
release = VERSION
html_title = f"bw_magics {VERSION}"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["README.md", "_build"]

html_theme = "furo"
html_static_path = ["_static"]
# As they are: a page for language models, and the plots that a page shows by color scheme.
html_extra_path = ["llms.txt", *sorted(plot.name for plot in HERE.glob("*.svg"))]
html_css_files = ["bw_magics.css"]
html_show_sourcelink = False
html_copy_source = False
smartquotes = False

# A page that fails to run fails the build. Each page has a kernel and a demo vault of its own.
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 240
# Examples may write files.
nb_execution_in_temp = True
nb_execution_excludepatterns = ["gallery/*"]
nb_merge_streams = True
# The kernels have nobody's own settings, and print errors only: not how they are reached.
KERNELS = tempfile.TemporaryDirectory(prefix="bw_magics-docs-")
os.environ["IPYTHONDIR"] = KERNELS.name
SETTINGS = Path(KERNELS.name) / "profile_default" / "ipython_kernel_config.py"
SETTINGS.parent.mkdir()
SETTINGS.write_text("get_config().IPKernelApp.log_level = 'ERROR'\n", encoding="utf-8")
logging.getLogger("traitlets").setLevel(logging.WARNING)
# Widgets have no kernel on a page: the text beside them is shown.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

# Docstrings and Markdown pages put names into single backticks.
default_role = "code"
# Examples have `…` where a reader puts a value, and magics are not Python.
suppress_warnings = ["misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True


def setup(app: Sphinx) -> dict[str, Any]:
    """Copies what the site takes from outside its folder, before the pages are read."""
    app.connect("builder-inited", _copy_gallery)
    app.connect("source-read", _lead_to_pages)
    app.connect("autodoc-process-docstring", _link_documents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _copy_gallery(app: Sphinx) -> None:
    GALLERY.mkdir(exist_ok=True)
    for notebook in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
        copy = GALLERY / notebook.name
        if not copy.exists() or copy.read_bytes() != notebook.read_bytes():
            shutil.copyfile(notebook, copy)


def _link_documents(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Makes a link of each page of this folder that a docstring names."""
    lines[:] = [re.sub(r"docs/([\w-]+)\.md", r":doc:`/\1`", line) for line in lines]


def _lead_to_pages(app: Sphinx, name: str, text: list[str]) -> None:
    """Makes links that lead out of the folder, for readers of the repository, lead to pages."""
    depth = name.count("/")
    up = "../" * depth
    if name == "decisions/README":
        text[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n[0-9]*\n```\n"
    if name.startswith("gallery/"):
        text[0] = text[0].replace("](../docs/", "](../")
    text[0] = text[0].replace(f"{up}../SECURITY.md", f"{up}security.md")
    text[0] = re.sub(
        r"\]\((?:\.\./)+notebooks/(\w+)\.ipynb\)", rf"]({up}gallery/\1.ipynb)", text[0]
    )
