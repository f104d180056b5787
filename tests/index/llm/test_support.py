"""What a sentence has to be, to be kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.llm.checks import same_name
from index.llm.support import Checker, without_dateline, without_false_marks, without_origin
from index.read.judge import Judge, Verdict
from newsdesk.types import Evidence, Span
from tests.support import day

TEXT = (
    "The council of Marrowby voted on Tuesday to close two of its seven libraries. Treasurer Ilse Kroon said the step may save "
    "£310,000 a year. “We did not want this,” she told the meeting. About 40 residents, who had queued since noon, booed."
)


def passage(text: str = TEXT, source: str = "Tannet Echo", id_: str = "a") -> Evidence:
    """Evidence of one paragraph."""
    span = Span(0, 0, len(text))
    return Evidence(id_, f"{id_}#1", (span,), text, 1.0, "Libraries close", source, (), day("2019-05-07"), "")


def kept(sentence: str, *others: Evidence, checker: Checker | None = None) -> str:
    """How it was verified; empty when it was not."""
    supports, reason = (checker or Checker()).supports(sentence, [passage(), *others])
    assert bool(supports) != bool(reason)
    return supports[0].verified if supports else ""


@pytest.mark.parametrize(
    ("sentence", "verified"),
    [
        ("The council of Marrowby voted on Tuesday to close two of its seven libraries.", "verbatim"),
        ("the council of Marrowby voted on Tuesday to close two of its seven libraries", "verbatim"),
        ("The council of Marrowby voted on Tuesday to close 2 of its 7 libraries.", "supported"),
        ("According to the Tannet Echo, Treasurer Ilse Kroon said the step may save £310,000 a year.", "verbatim"),
        ("On 7 May 2019, the council of Marrowby voted to close two of its seven libraries.", "supported"),
        ("Treasurer Ilse Kroon says the step may save £310000 a year.", "supported"),
        ("About 40 residents booed.", "supported"),
    ],
)
def test_what_the_article_says_is_kept(sentence: str, verified: str) -> None:
    """To the letter, or shortened, with figures in another form, or with the article's own outlet and day."""
    assert kept(sentence) == verified


@pytest.mark.parametrize(
    "sentence",
    [
        "The council of Tannet voted on Tuesday to close two of its seven libraries.",
        "The council of Marrowby voted on Friday to close two of its seven libraries.",
        "The council of Marrowby voted on Tuesday to close three of its seven libraries.",
        "The council of Marrowby voted on Tuesday not to close two of its seven libraries.",
        "The council of Marrowby voted on Tuesday to close seven of its two libraries.",
        "Treasurer Ilse Kroon said the step may save $310,000 a year.",
        "Treasurer Ilse Kroon said the step will save £310,000 a year.",
        "Mayor Otto Brandt said the step may save £310,000 a year.",
        "The step may save £310,000 a year.",
        "“We did want this,” she told the meeting.",
        "According to the Daily Wren, the step may save £310,000 a year.",
        "Der Rat von Marrowby stimmte am Dienstag ab.",
        "Here is the answer to your question.",
        "Yes.",
        "They did.",
    ],
)
def test_what_it_does_not_say_is_removed(sentence: str) -> None:
    """Another name, day, number, unit, speaker, the opposite, more certainty, another language, or nothing at all."""
    assert kept(sentence) == ""


def test_half_of_one_article_and_half_of_another_is_no_sentence() -> None:
    """Each passage alone has to say what the sentence says."""
    other = passage("The ferry company of Skarholm ordered three ships on Monday.", id_="b")
    assert kept("The council of Marrowby voted on Tuesday to order three ships.", other) == ""
    assert kept("The ferry company of Skarholm ordered three ships on Monday.", other) == "verbatim"


def test_a_quotation_is_verbatim_or_loses_its_marks() -> None:
    """Quotation marks stay around what a passage says to the letter, whatever form the marks have."""
    said = '"We did not want this," she told the meeting.'
    assert without_false_marks(said, [passage()]) == said
    stretched = "She said “we never wanted this at all” in the meeting."
    assert without_false_marks(stretched, [passage()]) == "She said we never wanted this at all in the meeting."


def test_only_the_articles_own_outlet_is_taken_off() -> None:
    """Another outlet's name before a sentence is a claim of its own."""
    assert without_origin("The Tannet Echo reported that rain fell.", passage()) == "rain fell."
    assert (
        without_origin("According to the Daily Wren, rain fell.", passage())
        == "According to the Daily Wren, rain fell."
    )


@pytest.mark.parametrize(
    "sentence", ["7 May 2019, Tannet Echo", "May 2019, Tannet Echo.", "The Tannet Echo, May 2019."]
)
def test_a_dateline_is_no_sentence(sentence: str) -> None:
    """A model that copies what stands before a passage has said nothing, true as it is."""
    assert kept(sentence) == ""


def test_a_dateline_before_a_sentence_is_taken_off() -> None:
    """In the brackets of the prompt alone, and of a passage that was given: other brackets are the sentence's own."""
    given = [passage(), passage(source="Daily Wren")]
    assert without_dateline("(7 May 2019, Daily Wren) Rain fell.", given) == "Rain fell."
    assert without_dateline("(8 May 2019, Daily Wren) Rain fell.", given) == "(8 May 2019, Daily Wren) Rain fell."
    assert (
        without_dateline("7 May 2019, Daily Wren reporters saw it.", given)
        == "7 May 2019, Daily Wren reporters saw it."
    )


def test_names_in_their_forms() -> None:
    """A country and its people are one name; two countries that begin alike are two."""
    assert same_name("Norwegian", "Norway") is False  # too far apart to be told by letters
    assert same_name("Russian", "Russia")
    assert same_name("Turkish", "Turkey")
    assert not same_name("Austria", "Australia")
    assert not same_name("Iran", "Iraq")


class Judging(Judge):
    """A judge that always says the same."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.asked: list[tuple[str, str]] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """The verdict, once a pair."""
        self.asked += pairs
        return [self.verdict for _ in pairs]


OWN_WORDS = "Marrowby is shutting a couple of libraries."


def test_a_judge_is_asked_about_a_models_own_words() -> None:
    """What it finds supported is kept, what it finds contradicted is not, and it is not asked about what stands there."""
    sure, against = Judging(Verdict(0.95, 0.01, 0.04)), Judging(Verdict(0.1, 0.8, 0.1))
    assert kept(OWN_WORDS) == ""
    assert kept(OWN_WORDS, checker=Checker(sure)) == "supported"
    assert sure.asked == [(OWN_WORDS, f"Libraries close\n{TEXT}")]
    assert kept("About 40 residents booed.", checker=Checker(against)) == ""
    assert kept("Treasurer Ilse Kroon said the step may save £310,000 a year.", checker=Checker(against)) == "verbatim"


def test_a_judge_is_asked_little() -> None:
    """Of many passages only about the two that are nearest: it costs time that a reader waits."""
    judge = Judging(Verdict(0.1, 0.1, 0.8))
    others = [passage(f"Marrowby has a pool and {number} ponds.", id_=f"p{number}") for number in range(5)]
    assert kept(OWN_WORDS, *others, checker=Checker(judge)) == ""
    assert len(judge.asked) == 2


def test_no_judge_outweighs_a_name_or_number_that_stands_nowhere() -> None:
    """A model that has learnt is wrong now and then; a figure that is not there is not there."""
    sure = Checker(Judging(Verdict(0.99, 0.0, 0.01)))
    assert kept("Marrowby is shutting nine libraries.", checker=sure) == ""
    assert kept("The town of Hallowby is shutting a couple of libraries.", checker=sure) == ""
