"""`newsdesk questions`: saved questions, and what was found for them."""

from __future__ import annotations

from pathlib import Path

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.saved import Found
from tests.support import article, newsdesk, one_each

SALT = "The ferry had to turn back off Harl Point."
GATES = "The lock gates were oiled in April."


def test_what_was_found_names_its_paragraph_as_the_page_does(tmp_path: Path) -> None:
    """The second paragraph is called paragraph 2, with the article that it stands in."""
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    saved = catalogue.saved.add("What was done to the lock gates?")
    catalogue.put([article("canal/9", SALT, GATES)], one_each)
    found = Found(saved.key, "canal/9", 1, 0, len(GATES), GATES, "oiled", 0.8)
    catalogue.saved.keep([found], catalogue.saved.newest())
    catalogue.close()

    shown = newsdesk("questions", "show", saved.key, "--data", tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.rstrip().endswith("; canal/9, paragraph 2")
