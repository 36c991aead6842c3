"""How `make docs` builds these pages: Sphinx, Markdown by MyST, the theme furo."""

import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = _PROJECT["name"]
author = _PROJECT["authors"][0]["name"]
release = _PROJECT["version"]
project_copyright = author

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3  # [words](settings.md#oscar_crm_currency) finds a heading

html_theme = "furo"
html_title = f"{project} {release}"
html_show_sphinx = False
