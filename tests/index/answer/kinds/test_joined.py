"""Two questions in one are both answered, or it is said which is not."""

from __future__ import annotations

from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

CABLE = article(
    "cable",
    "The cable car of Hohl was built in 1954 by the engineer Resi Aumann. It carries 24 people at a time.",
    title="Cable car turns seventy", published=day("2024-05-02"),
)  # fmt: skip
AUMANN = article(
    "aumann",
    "Resi Aumann grew up in Trins, where her father kept an inn.",
    title="The childhood of an engineer", published=day("2024-06-02"),
)  # fmt: skip


def test_each_part_has_its_own_quote(asking: Asking) -> None:
    """Numbered on, the pronoun of the second filled from the first; each part among the evidence."""
    answer = asking(CABLE, AUMANN)("Who built the cable car of Hohl, and where did she grow up?")
    assert answer.answerable
    assert "Resi Aumann" in answer.text
    assert "Trins" in answer.text
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert {citation.article_id for citation in answer.citations} == {"cable", "aumann"}
    assert {"cable", "aumann"} <= {item.article_id for item in answer.evidence}
    assert answer.short_answer == "Resi Aumann; Trins"
    assert all(f"{cited.shown} [{cited.marker}]" in answer.text for cited in answer.citations)


def test_a_part_that_is_not_told_is_named(asking: Asking) -> None:
    """The other is answered all the same."""
    answer = asking(CABLE, AUMANN)("How many people does the cable car of Hohl carry? And what does a ticket cost?")
    assert "24 people" in answer.text
    assert [note.text for note in answer.notes if note.kind == "part_not_told"] == [
        "The archive does not say: What does a ticket cost?"
    ]


def test_when_no_part_is_told_it_is_refused(asking: Asking) -> None:
    """As any other question."""
    answer = asking(CABLE, AUMANN)("Who bombed the airport of Quill, and how many planes burned?")
    assert not answer.answerable
    assert not answer.citations


def test_a_quote_that_answers_both_is_shown_once(asking: Asking) -> None:
    """Both are answered by it."""
    answer = asking(CABLE)("Who built the cable car of Hohl and when was it built?")
    assert [citation.quote for citation in answer.citations].count(CABLE.paragraphs[0].split(". ")[0] + ".") == 1
    assert answer.short_answer is not None
    assert "1954" in answer.short_answer
