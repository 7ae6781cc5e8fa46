"""docs: Sphinx's settings.  docs/site/build.py calls it on the folder that it has laid out."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

import plain_text
from pygments.lexers.lisp import SchemeLexer

project = "Ancient"
author = "the authors of Ancient"
version = release = os.environ["ANCIENT_DOCS_VERSION"]
language = "en"
root_doc = "docs/index"
extensions = ["myst_parser", "autoapi.extension", "breathe", "sphinx_copybutton"]
highlight_language = "none"
# A type may be called as several attributes are; the package's private modules are not read.
suppress_warnings = ["ref.python", "autoapi.python_import_resolution"]

myst_heading_anchors = 4  # as on GitHub

autoapi_dirs = os.environ["ANCIENT_DOCS_PYTHON"].split(os.pathsep)
autoapi_file_patterns = ["*.pyi", "*.py"]
autoapi_ignore = ["*/_[a-z]*", "*/ocaml.py", "*/__main__.py"]
autoapi_root = "docs/python"
autoapi_add_toctree_entry = False
autoapi_keep_files = True
autoapi_options = ["members", "undoc-members", "show-module-summary"]
autoapi_member_order = "bysource"
autoapi_python_class_content = "class"

breathe_projects = {"reader": os.environ["ANCIENT_DOCS_XML"]}
breathe_default_project = "reader"
breathe_domain_by_extension = {"h": "c"}
breathe_show_include = False
breathe_show_define_initializer = True

html_theme = "furo"
html_title = f"Ancient {version}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = [os.path.join(os.path.dirname(__file__), "static")]
html_css_files = ["site.css"]
copybutton_prompt_text = r"\$ |> |>>> |\.\.\. "
copybutton_prompt_is_regexp = True


def setup(app):
    app.add_lexer("dune", SchemeLexer)
    app.connect("autodoc-process-docstring", plain_text.as_rst)
