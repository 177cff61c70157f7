"""The configuration of the documentation site, which `make docs` builds with Sphinx.

The source folder is the whole repository, so that links between pages are the same as on GitHub,
including links to pages that lie beside the code.
"""

from pisovereign import __version__

project = "PiSovereign"
author = "the PiSovereign contributors"
version = release = __version__
extensions = ["myst_parser"]
include_patterns = [
    "*.md",
    "docs/**.md",
    "bench/*.md",
    "image/*.md",
    "native/*.md",
    "systemd/*.md",
    "changes/README.md",
]
exclude_patterns = [".*/**", "build/**"]
root_doc = "docs/index"
# Headings are targets of links, as on GitHub: docs/api.md#errors.
myst_heading_anchors = 4
nitpicky = True

templates_path = ["_templates"]
html_additional_pages = {"index": "redirect.html"}
html_theme = "furo"
html_title = "PiSovereign"
html_copy_source = False
html_show_sphinx = False
