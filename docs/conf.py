"""How Sphinx builds these pages: ``make docs``, warnings are errors."""

import sys
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path

from sqlalchemy.exc import SAWarning

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import provider_pages  # noqa: E402 - it lies beside this file

# autodoc looks at mixins as if they were mapped.
warnings.filterwarnings("ignore", "Unmanaged access of declarative attribute", SAWarning)

project = "Flask-Social"
copyright = "The Flask-Social authors"  # noqa: A001 - the name that Sphinx reads
release = installed_version("Flask-Social")
version = ".".join(release.split(".")[:2])

extensions = [
    "myst_parser",
    "pallets_sphinx_themes",
    "sphinx.ext.autodoc",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "verdicts"]
root_doc = "index"

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "flask"
html_title = f"Flask-Social ({version}.x)"
html_show_sourcelink = False
html_sidebars = {"**": ["searchbox.html", "localtoc.html", "relations.html"]}
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_js_files = ["filter.js"]


def setup(app):
    """Have the pages about providers written before pages are looked for."""
    app.connect("config-inited", lambda *_: provider_pages.write(HERE / "providers"))
