"""The documentation site: `sphinx-build -n -W docs OUT`."""

import os
import re
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from certify import __version__

project = "certify"
author = copyright = "the certify authors"
version = release = __version__

LINK = re.compile(r"\[([^\]]+)\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")

extensions = ["myst_nb", "sphinx.ext.autodoc", "commands"]
exclude_patterns = ["_build"]
default_role = "literal"  # of single back quotes in docstrings
html_theme = "furo"
html_title = f"certify {version}"
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}

myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_show_tb = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
# Names of other projects, and of types that are not part of the interface.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!certify\.).*"),
    (r"py:.*", r"certify\.(checker|families|proving|landscape)\..*"),
]


def without_links_out(app, docname, source):
    """Links to files of the repository that are no pages keep their text: the site stands alone."""
    folder, root = Path(app.env.doc2path(docname)).parent, Path(app.srcdir)

    def kept(link):
        return link[0] if (folder / link[2]).resolve().is_relative_to(root) else link[1]

    source[0] = LINK.sub(kept, source[0])


def setup(app):
    """For Sphinx."""
    app.connect("source-read", without_links_out)
