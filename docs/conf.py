"""How Sphinx builds the pages: ``sphinx-build -W -E docs build/docs``.

The tutorials are the notebooks of ``notebooks/``. They run while the pages are built, against a server with simulated
boards that lives as long as the build. Nothing is fetched from any network.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import spalloc_client
from spalloc_client.sandbox import Sandbox

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent / "_extension"))

project = "spalloc-jupyter"
version = release = spalloc_client.__version__
author = "The spalloc-jupyter developers"
project_copyright = author

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "spalloc_pages"]
exclude_patterns = ["notebooks/.ipynb_checkpoints", "_extension"]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
suppress_warnings = [
    "mystnb.unknown_mime_type",  # widgets: their facts are in the HTML beside them
]

nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
# What stands in a panel without a live kernel is its HTML, and widgets would need scripts from a network.
nb_ipywidgets_js: dict[str, object] = {}
nb_mime_priority_overrides = [("*", "application/vnd.jupyter.widget-view+json", None)]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_google_docstring = False

html_theme = "furo"
html_title = f"spalloc-jupyter {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def setup(app: "Sphinx") -> None:
    """Have a server run while the pages are built, which the kernels of the notebooks find in their environment."""
    sandboxes: list[Sandbox] = []

    def start(_app: "Sphinx") -> None:
        sandbox = Sandbox(boards=24)
        sandboxes.append(sandbox)
        os.environ.update({**sandbox.environ(), "SPALLOC_OWNER": "you@example.org"})

    def end(_app: "Sphinx", _error: Exception | None) -> None:
        sandboxes.pop().close()

    app.connect("builder-inited", start)
    app.connect("build-finished", end)
