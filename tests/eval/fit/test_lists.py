"""Learning to tell questions for a list from questions for a fact."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.fit.lists import WRITTEN, Written, fit_lists, read_written
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import WrongUse

THINGS = "bridges towers mills boats roads barns ships trains books songs films games".split()


def _without_meaning(texts: Sequence[str]) -> Matrix:
    """Vectors that tell nothing."""
    return np.zeros((len(texts), 4), dtype=np.float32)


def test_what_tells_on_other_subjects_is_learnt() -> None:
    """The words of the form decide, those of a subject do not: lists of a subject that was held out are told."""
    written = [
        Written(question, is_list, subject)
        for subject, thing in enumerate(THINGS)
        for question, is_list in (
            (f"Give us whatever there is of {thing}", True),
            (f"So what of all {thing}", True),
            (f"How old is the last of these {thing}?", False),
            (f"Who made the first of the {thing}?", False),
        )
    ]
    report = fit_lists(written, ["Who made the first clock?"], "a model", _without_meaning)
    assert report.told == 1.0
    assert report.false == 0.0
    assert not set(THINGS) & set(report.head.of_cues)
    assert "100.0 % of the lists are told" in str(report)


def test_one_kind_alone_teaches_nothing() -> None:
    """It is said what is missing."""
    with pytest.raises(WrongUse, match="Both kinds are needed"):
        fit_lists([Written("Who won?", False, 0)], [], "a model", _without_meaning)


def test_the_questions_that_come_with_newsdesk_are_read() -> None:
    """Several hundred of each kind, about many subjects, none twice."""
    written = read_written(WRITTEN)
    assert sum(each.is_list for each in written) >= 300
    assert sum(not each.is_list for each in written) >= 600
    assert len({each.subject for each in written}) >= 100
    assert len({each.question for each in written}) == len(written)


def test_a_line_of_neither_kind_is_named(tmp_path: Path) -> None:
    """With file, line and what to write."""
    file = tmp_path / "lists.txt"
    file.write_text("# a remark\n\nlist|What is new?\nmaybe|Who won?\n")
    with pytest.raises(WrongUse, match=r"lists.txt:4: “maybe\|Who won\?” is no question"):
        read_written(file)
