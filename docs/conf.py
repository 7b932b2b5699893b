"""How the pages of this folder become a site: ``make docs``.

Sphinx builds it: it checks every link between pages, every name that a docstring refers to, and every directive, and
``make docs`` takes each warning for an error. MyST reads the pages, which are Markdown and can be read as they are
too; sphinx-click and autodoc make the reference of commands and functions, ``lookup.py`` that of columns and lexicons.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pipeline import __version__

project = "zhanbao 战报"
author = "zhanbao contributors"
project_copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "lookup"]
exclude_patterns = ["_build"]

# headings can be linked to as on the pages of a repository
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline", "deflist"]

# what stands in a box is shown as it is, unless it names its language; -- stays two signs
highlight_language = "none"
smartquotes = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

# A name of this project that a docstring refers to must be there; those of libraries are not looked for.
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!pipeline\.).*")]

html_theme = "furo"
html_title = "zhanbao 战报"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    # furo asks for fonts of the reader's system
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7db8f5", "color-brand-content": "#7db8f5"},
}
