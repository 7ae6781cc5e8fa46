"""tests/docs: every block of README.md and docs/ runs as it stands, from top to bottom, with what
`./run install` installs, and prints what the page says.  How blocks are written:
tests/support/pages.py.
"""

import shutil

import pages
import pytest


@pytest.fixture(scope="session")
def left(installed, tmp_path_factory):
    """left(page): the folder and the environment that a page leaves, which others go on in."""
    done = {}

    def leave(page):
        if page not in done:
            folder = tmp_path_factory.mktemp(page.stem)
            done[page] = run(page, folder, installed.environment, leave)
        return done[page]

    return leave


def run(page, folder, environment, left):
    before = pages.after(page)
    if before:
        from_folder, environment = left(before)
        shutil.copytree(from_folder, folder, dirs_exist_ok=True, symlinks=True)
    shell = pages.Shell(folder, environment)
    try:
        for block in pages.blocks(page):
            shell.run(block)
    finally:
        shell.close()
    return folder, shell.environment


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.stem)
def test_page(page, left):
    left(page)
