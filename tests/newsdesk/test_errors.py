"""The error tree."""

from __future__ import annotations

import inspect
import re

from newsdesk import errors
from newsdesk.errors import ArticleNotFound, NewsdeskError, WrongUse


def drawn() -> dict[str, tuple[str, str]]:
    """What the module's docstring draws: error -> (parent, what is said of it)."""
    tree: dict[str, tuple[str, str]] = {}
    above: list[tuple[int, str]] = [(0, "Exception")]
    for line in (errors.__doc__ or "").splitlines():
        match = re.fullmatch(r"( {4,})([A-Z]\w+) {2,}(.+)", line)
        if match:
            depth = len(match[1])
            while above[-1][0] >= depth:
                above.pop()
            tree[match[2]] = (above[-1][1], match[3])
            above.append((depth, match[2]))
    return tree


def defined() -> dict[str, type[NewsdeskError]]:
    """The classes of the module."""
    return dict(inspect.getmembers(errors, inspect.isclass))


def test_the_tree_is_drawn_as_it_is() -> None:
    """Whoever reads the docstring knows every error and what it is a kind of."""
    assert {name: parent for name, (parent, _) in drawn().items()} == {
        name: class_.__bases__[0].__name__ for name, class_ in defined().items()
    }


def test_exit_codes_are_as_drawn() -> None:
    """An exit code is said where it changes, and holds for everything below."""
    for name, (parent, said) in drawn().items():
        match = re.search(r"exit code (\d)", said)
        code = int(match[1]) if match else defined()[parent].exit_code
        assert defined()[name].exit_code == code, name


def test_wrong_use_can_be_told_from_what_cannot_run() -> None:
    """2: the caller can mend it; 3: the machine or the archive must be looked at."""
    assert (WrongUse.exit_code, NewsdeskError.exit_code) == (2, 3)


def test_a_missing_article_is_named() -> None:
    """The message says which id, and how to find the ids that exist."""
    error = ArticleNotFound("a/b")
    assert error.article_id == "a/b"
    assert "“a/b”" in str(error)
    assert "Search for its words" in str(error)
