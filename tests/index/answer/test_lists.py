"""Questions over many articles, and questions that name days, asked of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.archive import Archive
from newsdesk.feedback import Feedback
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, Answer, Article, Filters, Question
from tests.support import article, one_each

FLOOD = "Heavy rain flooded the lower streets of Tannet, and firemen pumped water out of forty cellars."
ARTICLES = (
    article("flood", FLOOD, title="Flood in Tannet", source="Courier", published=date(2017, 3, 14)),
    article("copy", FLOOD, title="Tannet under water", source="Post", published=date(2017, 3, 15)),
    article("fair", "The spring fair of Tannet opens on Friday with a hundred stalls.", title="Fair", source="Ledger", published=date(2017, 3, 16)),
    article("older", "The mayor of Tannet opened a new school on Monday.", title="School", source="Courier", published=date(2017, 2, 20)),
    article("undated", "Tannet was founded by fishermen, a historian said.", title="History", source="Courier"),
    article("ferry", "The ferry to Orrin sails again after a week in dock.", title="Ferry", source="Post", published=date(2017, 3, 22)),
    article("toll-old", "The bridge toll in Orrin is two crowns for each car.", title="Toll", source="Post", published=date(2016, 5, 2)),
    article("toll-new", "The bridge toll in Orrin is three crowns for each car.", title="Toll", source="Post", published=date(2017, 1, 9)),
)  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Eight short articles, the newest of 22 March 2017, found by keyword alone and not read."""
    opened = Archive(Settings(data=tmp_path, reader="none"))
    opened.catalogue.put(ARTICLES, one_each)
    opened.keyword.catch_up()
    yield opened
    opened.close()


def lines(answer: Answer) -> list[str]:
    """The lines of a list, without their markers."""
    return [line.rpartition(" [")[0] for line in answer.text.split("\n\n")]


def cited(answer: Answer) -> list[str]:
    """The articles that are cited, in order."""
    return [citation.article_id for citation in answer.citations]


def test_what_happened_is_a_dated_list(archive: Archive) -> None:
    """Newest first, a line and a citation for each story, of the days asked about alone; copies are one line."""
    answer = archive.engine.ask(Question("What happened in Tannet last week?"))
    assert answer.answerable
    assert lines(answer) == [
        "16 March 2017, Ledger: The spring fair of Tannet opens on Friday with a hundred stalls.",
        f"14 March 2017, Courier: {FLOOD}",
    ] or lines(answer) == [
        "16 March 2017, Ledger: The spring fair of Tannet opens on Friday with a hundred stalls.",
        f"15 March 2017, Post: {FLOOD}",
    ]
    assert [citation.marker for citation in answer.citations] == [1, 2]


def test_an_archive_at_its_end_is_asked_as_of_its_last_day(archive: Archive) -> None:
    """ "Last week" in an archive of 2017 is the week before its newest article; `as_of` says otherwise."""
    assert cited(archive.engine.ask(Question("What happened last week?"))) == ["fair", "flood"]
    answer = archive.engine.ask(Question("What happened last week?", as_of=date(2017, 2, 28)))
    assert cited(answer) == ["older"]


def test_nothing_after_as_of_is_listed(archive: Archive) -> None:
    """Nor in a list of the days up to it."""
    answer = archive.engine.ask(Question("What has been reported about Tannet?", as_of=date(2017, 3, 14)))
    assert set(cited(answer)) == {"flood", "older", "undated"}


def test_the_askers_own_days_narrow_the_window(archive: Archive) -> None:
    """A filter and a named window hold together."""
    filters = Filters(published_from=date(2017, 3, 15))
    answer = archive.engine.ask(Question("What happened in Tannet in March 2017?", filters=filters))
    assert {citation.published for citation in answer.citations} == {date(2017, 3, 15), date(2017, 3, 16)}


def test_outlets_are_listed_once_each(archive: Archive) -> None:
    """With what was counted."""
    answer = archive.engine.ask(Question("Which outlets reported the flood in Tannet?"))
    assert sorted(citation.source for citation in answer.citations) == ["Courier", "Post"]
    assert "counted" in [note.kind for note in answer.notes]


def test_a_count_says_what_was_counted(archive: Archive) -> None:
    """ "How many" over articles is answered by the list and a note, not by a figure of nobody's."""
    answer = archive.engine.ask(Question("How many articles are there about Tannet?"))
    [counted] = [note.text for note in answer.notes if note.kind == "counted"]
    assert counted == "4 stories from 3 outlets between 20 February and 16 March 2017 were counted."


def test_a_list_of_nothing_is_a_refusal(archive: Archive) -> None:
    """An unknown subject, and a month of which the archive says nothing."""
    for question in ("What happened in Atlantis last week?", "What happened in Tannet in May 2015?"):
        answer = archive.engine.ask(Question(question))
        assert (answer.answerable, answer.text, answer.citations) == (False, CANNOT_ANSWER, ())


def test_what_is_told_later_answers_for_days_of_which_nothing_was_printed(archive: Archive) -> None:
    """An archive without a paper of 1921 may still tell of 1921."""
    archive.catalogue.put(
        [article("fire", "The town hall of Melen burnt down in 1921.", published=date(2017, 3, 2))], one_each
    )
    archive.keyword.catch_up()
    answer = archive.engine.ask(Question("What happened in Melen in 1921?", caution="low"))
    assert cited(answer) == ["fire"]
    assert "listed" not in [note.kind for note in answer.notes]


def test_a_list_says_which_days_it_looked_through(archive: Archive) -> None:
    """And from which day "last week" was counted, where that is not today."""
    [listed] = [
        note.text for note in archive.engine.ask(Question("What happened last week?")).notes if note.kind == "listed"
    ]
    assert listed == (
        "Looked through what was published: 13 March 2017 to 19 March 2017, counted from the archive's newest article, of 22 March 2017."
    )


def test_news_of_a_day_is_listed_from_the_next_days_papers(archive: Archive) -> None:
    """What happened on the 14th is printed on the 14th and the 15th."""
    answer = archive.engine.ask(Question("What happened on 14 March 2017 in Tannet?"))
    assert {copy.article_id for citation in answer.citations for copy in citation.also_in} | set(cited(answer)) == {
        "flood",
        "copy",
    }
    fair = archive.engine.ask(Question("What happened on 15 March 2017 in Tannet?"))
    assert "fair" in cited(fair)


def test_a_list_knows_other_spellings(archive: Archive) -> None:
    """A name that the archive spells in another way is the same subject."""
    archive.catalogue.put(
        [article("bridge", "A bridge was opened in Kyiv on Tuesday.", published=date(2017, 3, 15))], one_each
    )
    archive.keyword.catch_up()
    for name in ("Kyiv", "Kiev"):
        assert cited(archive.engine.ask(Question(f"What happened in {name} last week?"))) == ["bridge"]


def test_no_copy_is_named_that_was_printed_after_as_of(archive: Archive) -> None:
    """A citation as of a day names only the outlets that had the story by then."""
    for day, others in ((date(2017, 3, 14), []), (date(2017, 3, 15), ["copy"])):
        answer = archive.engine.ask(Question("What was flooded by heavy rain in Tannet?", as_of=day, caution="low"))
        [citation] = [each for each in answer.citations if each.article_id == "flood"]
        assert [copy.article_id for copy in citation.also_in] == others


def test_a_name_that_stands_nowhere_is_said(archive: Archive) -> None:
    """A possessive is no part of a name, and a weekday or a month is none."""
    for question, names in (
        ("Who won the election of Ruritania?", ["Ruritania"]),
        ("Who won Ruritania's election?", ["Ruritania"]),
        ("Who opened the school of Tannet on Saturday in September?", []),
    ):
        notes = [note.text for note in archive.engine.ask(Question(question)).notes if note.kind == "unknown_name"]
        assert notes == [f"Nowhere in the archive: “{name}”." for name in names]


def test_a_misdated_article_does_not_move_the_archives_last_day(archive: Archive) -> None:
    """One article of the year 2099 is a slip; "last week" stays the week before the others."""
    archive.catalogue.put([article("slip", "A slip of the pen.", published=date(2099, 1, 1))], one_each)
    archive.keyword.catch_up()
    assert cited(archive.engine.ask(Question("What happened last week?"))) == ["fair", "flood"]


def test_days_that_a_fact_question_names_come_first(archive: Archive) -> None:
    """What was printed then leads; without days, both are there and the question decides nothing."""
    for days, first in (("in May 2016", "toll-old"), ("in January 2017", "toll-new")):
        answer = archive.engine.find(Question(f"What was the bridge toll in Orrin {days}?"))
        assert [found.article_id for found in answer.evidence][:2][0] == first
        assert {"toll-old", "toll-new"} <= {found.article_id for found in answer.evidence}


def test_a_list_can_be_judged(archive: Archive) -> None:
    """Its days and outlets are no invention of the asker's, so feedback on it is kept."""
    question = Question("What happened in Tannet last week?")
    answer = archive.engine.ask(question)
    assert archive.catalogue.feedback.put(Feedback.on(answer, question, "up")) == 1


def test_markup_in_an_outlets_name_is_text(archive: Archive) -> None:
    """The line before a quote is as harmless as the quote."""
    from ui.render import answer_html

    hostile: Article = article(
        "x", "A kite fair in Melen drew a crowd.", source="<img src=x onerror=1>", published=date(2017, 3, 21)
    )
    archive.catalogue.put([hostile], one_each)
    archive.keyword.catch_up()
    answer = archive.engine.ask(Question("What has been reported about the kite fair in Melen?"))
    assert cited(answer) == ["x"]
    assert "<img" not in answer_html(answer)
