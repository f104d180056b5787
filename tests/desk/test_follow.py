"""Saved questions: new articles that answer them are told of, once a story, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from desk.follow import Follower
from index.archive import Archive
from ingest.passages import split_passages
from newsdesk.saved import SavedQuestion
from newsdesk.settings import Settings
from newsdesk.types import Article
from tests.support import article, one_each

QUESTIONS = (
    "Who will build the new tram line to Ostermoor?",
    "How many people were injured in the fire at the Kestrel mill?",
    "Who is the new conductor of the Varde opera?",
    "When does the tunnel under the Harrow pass open?",
    "What did the Lindow council decide about the swimming pool?",
)

ANSWERING = (
    (0, "Contract for Ostermoor tram", "The firm Halden Rail will build the new tram line to Ostermoor, the transport office announced."),
    (0, "Halden Rail wins", "Halden Rail has won the order: it will build the new tram line to Ostermoor for 212 million crowns, beating three rivals from abroad."),
    (0, "Work on tram begins", "On Monday workers of Halden Rail began to build the new tram line to Ostermoor, two months behind the plan of last summer."),
    (1, "Fire at mill", "Eleven people were injured in the fire at the Kestrel mill in the night to Friday, the police said."),
    (1, "Mill fire: more hurt", "The fire at the Kestrel mill injured fourteen people, three more than was first thought, a doctor at the county hospital told reporters."),
    (1, "After the blaze", "Two weeks after the fire at the Kestrel mill, in which fourteen people were injured, the owner has promised to pay for their treatment."),
    (2, "Opera chooses", "Katarina Moll is the new conductor of the Varde opera; the singers and players voted for her on Tuesday evening."),
    (2, "Moll's first night", "The new conductor of the Varde opera, Katarina Moll, was greeted with long applause when she raised her baton for the first time."),
    (3, "Tunnel date set", "The tunnel under the Harrow pass opens on 14 October, the minister of transport said after a last test of its fans."),
    (3, "First trains in October", "The tunnel under the Harrow pass will open on 14 October with a train full of school classes from both sides of the mountain."),
    (4, "Pool to close", "The Lindow council decided to close the swimming pool for good, by 15 votes to 12, after a debate of four hours."),
    (4, "Pool vote upheld", "The Lindow council has once more decided to close the swimming pool; a petition with 3,000 names did not change its mind."),
)  # fmt: skip
"""Twelve stories that answer one of the questions each."""

_ABOUT = (
    "Rain is expected in the hills around {town} until the end of the week, and farmers hope that the {thing} will be spared.",
    "The market square of {town} was full on Sunday, when the {thing} was shown to visitors from the whole valley.",
    "A lorry with a load of gravel overturned near {town}; the driver was unhurt and the {thing} was not damaged.",
    "The football team of {town} lost again, and its captain blamed the state of the {thing} behind the stand.",
    "Prices of flats in {town} rose by four per cent, says a bank, which has studied the {thing} and its neighbourhood.",
    "In {town} the library has lent more books than ever; its cellar, where the {thing} is kept, has to be enlarged.",
)
_TOWNS = ("Almen", "Brack", "Corve", "Dollen", "Ennis", "Fosse", "Gault")
_THINGS = ("orchard", "clock", "tram depot", "opera house", "old mill", "tunnel", "swimming pool")


def copy_of(text: str) -> str:
    """What another outlet makes of an agency's text: a word or two are changed."""
    return text.replace("The firm ", "").replace("said", "told reporters").replace(" announced", " announced on Monday")


def incoming() -> list[Article]:
    """Three hundred articles: the twelve, five copies of them, a copy of what was there before, and others about the same things."""
    answering = [
        article(f"story-{n}", text, title=title, source="Valley Post") for n, (_, title, text) in enumerate(ANSWERING)
    ]
    copies = [
        article(f"copy-{n}", copy_of(ANSWERING[n][2]), title=ANSWERING[n][1], source="Hill Mail")
        for n in (0, 3, 4, 8, 10)
    ]
    copies.append(article("copy-of-old", OLD.paragraphs[0], title=OLD.title, source="Hill Mail"))
    others = [
        article(f"other-{n}", about.format(town=town, thing=thing), title=f"News from {town}", source="Valley Post")
        for n, (about, town, thing) in enumerate(product(_ABOUT, _TOWNS, _THINGS))
    ]
    rest = others[: 300 - len(answering) - len(copies)]
    spread = len(rest) // len(answering)
    arranged: list[Article] = []
    for n, each in enumerate(answering):
        arranged += [each, *rest[n * spread : (n + 1) * spread]]
    return [*arranged, *rest[len(answering) * spread :], *copies]


OLD = article(
    "old", "Fans of the Varde opera hope that Ilse Brandt becomes the new conductor of the Varde opera, a poll shows.",
    title="Poll on opera", source="Valley Post",
)  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive with a little in it, found by keyword and read by the packaged reader."""
    opened = Archive(Settings(data=tmp_path / "data"))
    old = [article(f"before-{n}", text.format(town="Hove", thing="bridge")) for n, text in enumerate(_ABOUT)]
    opened.catalogue.put([OLD, *old], split_passages)
    opened.keyword.catch_up()
    yield opened
    opened.close()


def save_all(archive: Archive) -> list[SavedQuestion]:
    """The questions, saved."""
    return [archive.catalogue.saved.add(question) for question in QUESTIONS]


def told(archive: Archive, saved: SavedQuestion) -> list[str]:
    """Ids of the articles that answered a question, in the order in which they were found."""
    return [finding.found.article_id for finding in archive.catalogue.saved.findings(saved.key, 500)][::-1]


def test_of_300_articles_the_12_that_answer_are_told_of_and_copies_once(archive: Archive) -> None:
    """Each under its own question with the sentence that answers; no copy, and nothing of the other 288."""
    every = save_all(archive)
    articles = incoming()
    assert len(articles) == 300
    for start in range(0, 300, 60):
        archive.catalogue.put(articles[start : start + 60], split_passages)
        Follower(archive.engine, archive.keyword).catch_up()
    expected = [[f"story-{n}" for n, (which, _, _) in enumerate(ANSWERING) if which == place] for place in range(5)]
    assert [told(archive, saved) for saved in every] == expected
    for saved in every:
        for finding in archive.catalogue.saved.findings(saved.key, 500):
            found = finding.found
            text = archive.catalogue.article(found.article_id).paragraphs[found.paragraph]
            assert found.quote == text[found.start : found.end]


def test_nothing_is_lost_or_told_twice_when_it_is_stopped(archive: Archive) -> None:
    """Stopped after any number of articles, the next one goes on behind them; what came while none ran is tried too."""
    every = save_all(archive)
    archive.catalogue.put(incoming()[:60], split_passages)
    for steps in range(12):
        left = iter([True] * (3 + steps))
        Follower(archive.engine, archive.keyword).catch_up(lambda left=left: next(left, False))  # type: ignore[misc]
    assert Follower(archive.engine, archive.keyword).catch_up() in (0, 1, 2, 3)
    assert sorted(id_ for saved in every for id_ in told(archive, saved)) == ["story-0", "story-1", "story-2"]
    archive.catalogue.changes.begin_anew()  # as a purge and a rebuild do
    assert Follower(archive.engine, archive.keyword).catch_up() == 0


def test_what_was_there_before_is_not_new(archive: Archive) -> None:
    """An article that came before the question was saved is not told of, not even when its headline changes."""
    _, title, text = ANSWERING[6]
    archive.catalogue.put([article("early", text, title=title)], one_each)
    saved = archive.catalogue.saved.add(QUESTIONS[2])
    archive.catalogue.put([article("early", text, title="Another headline")], one_each)
    archive.catalogue.put([article("late", copy_of(text), title=title, source="Hill Mail")], one_each)
    assert Follower(archive.engine, archive.keyword).catch_up() == 0
    archive.catalogue.put([article("early", text, ANSWERING[7][2], title="Another headline")], one_each)
    assert Follower(archive.engine, archive.keyword).catch_up() == 1
    assert told(archive, saved) == ["early"]


def test_a_removed_article_takes_its_finding_along(archive: Archive) -> None:
    """Its words are on no page and in no feed any more."""
    saved = archive.catalogue.saved.add(QUESTIONS[3])
    archive.catalogue.put([article("gone", ANSWERING[8][2], title=ANSWERING[8][1])], one_each)
    assert Follower(archive.engine, archive.keyword).catch_up() == 1
    archive.catalogue.remove(["gone"])
    assert told(archive, saved) == []
