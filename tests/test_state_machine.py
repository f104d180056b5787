"""Whatever is done to an archive and in whatever order, catalogue and views are as a plain dictionary says."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from index.find.chroma import ChromaView
from index.find.keyword import FOLLOWED, KeywordIndex
from index.find.keyword import discard as discard_keyword
from index.text.terms import terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.purge import compact_catalogue, prove
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Article, Filters, HeldArticle, Passage, Withdrawn, embedded_text
from tests.postgres import PostgresServer
from tests.support import ENOUGH, article, made_up_vector, one_each

WORDS = (
    "harbour council bridge winter market teacher railway garden engine museum forest captain letter village".split()
)
SENTENCES = tuple(
    f"Reporters say{number}x that " + " ".join(Random(number).sample(WORDS, 12)) + "." for number in range(14)
)
"""Each has a word of its own, "say7x", and one that all have, "reporters"."""
IDS = ("a", "b/1", "c")
TITLES = ("Two headlines about one thing", "The other headline of the day")
SOURCES = ("Gazette", "Courier")
DAYS = (None, date(2020, 1, 1), date(2020, 1, 2))
FILTERS = (
    Filters(),
    Filters(sources=("Gazette",)),
    Filters(published_from=date(2020, 1, 2)),
    Filters(as_of=date(2020, 1, 1)),
    Filters(sources=("Courier",), published_to=date(2020, 1, 1)),
)

WIRES = {"w": ("w/first", "w/second"), "v": ("v/first", "v/second")}
"""Stories of a wire -> the ids under which their versions come; each has an address of its own."""
BEGINNING = datetime(2100, 1, 1, tzinfo=UTC)  # by no other clock an embargo ends before

articles = st.builds(
    lambda id_, texts, title, source, day: article(id_, *texts, title=title, source=source, published=day),
    st.sampled_from(IDS),
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5),
    st.sampled_from(TITLES),
    st.sampled_from(SOURCES),
    st.sampled_from(DAYS),
)


def passes(about: Article, filters: Filters) -> bool:
    """What a filter means, said in the plainest way."""
    day = about.published
    return (
        (not filters.sources or about.source in filters.sources)
        and (filters.published_from is None or (day is not None and day >= filters.published_from))
        and (filters.published_to is None or (day is not None and day <= filters.published_to))
        and (filters.as_of is None or day is None or day <= filters.as_of)
    )


def free(about: Article) -> Article:
    """The article without its embargo."""
    return Article(**{field.name: getattr(about, field.name) for field in fields(Article)})


class ArchiveMachine(RuleBasedStateMachine):
    """A real catalogue with its real views, and beside it what they should hold."""

    def __init__(self, template: Path, server: PostgresServer | None = None) -> None:
        """The catalogue is in a file, which is a copy of the template, or with `server` in a database."""
        super().__init__()
        self.template = template
        self.server = server
        self.folders = tempfile.TemporaryDirectory(prefix="newsdesk-machine-")
        self.moves = 0
        self.restarts = 0
        self.backup: tuple[Path, dict[str, Article], set[str], dict[str, dict[int, HeldArticle]]] | None = None
        self.clock = BEGINNING
        self.editions = 0
        self.sent: dict[str, dict[int, HeldArticle]] = {story: {} for story in WIRES}
        """Story -> what came of it and was not taken back, by edition, under the id that it came with first."""
        self.killed = dict.fromkeys(WIRES, 0)
        """Story -> the newest edition that was taken back."""
        self.articles: dict[str, Article] = {}
        self.embedded: set[str] = set()
        """Texts that have a vector."""
        self.numbers: dict[str, int] = {}
        """Passage id -> its number, of those that have been there since they were looked at."""

    # ------------------------------------------------------------- opening and closing

    def new_place(self) -> Path:
        self.moves += 1
        return Path(self.folders.name) / str(self.moves)

    @initialize(first=st.lists(articles, min_size=2, max_size=3))
    def begin(self, first: list[Article]) -> None:
        """Hypothesis leaves some rules out of each run, so every run begins with an archive in use."""
        self.data = self.new_place()
        self.data.mkdir()
        if self.server:
            self.address = self.server.new_catalogue()
        else:
            shutil.copy(self.template, self.data / "catalogue.sqlite3")
        self.open()
        for new in first:
            self.store(new)
        self.embed(1.0)
        self.look()
        self.back_up()

    def open(self) -> None:
        at = self.address if self.server else self.data / "catalogue.sqlite3"
        self.catalogue = Catalogue(at, clock=lambda: self.clock)
        self.vectors = StoredVectors(self.catalogue)
        self.model = self.vectors.register("m@1", "m")
        self.open_views()

    def open_views(self) -> None:
        self.keyword = KeywordIndex(self.data, self.catalogue)
        self.chroma = ChromaView(self.data, self.catalogue, self.vectors, self.model)

    def close(self) -> None:
        self.chroma.close()
        self.catalogue.close()

    def teardown(self) -> None:
        if self.moves:
            try:
                self.look()
            finally:
                self.close()
                if self.server:
                    self.server.give_back(self.address)
        self.folders.cleanup()

    # ------------------------------------------------------------- what is done to it

    def store(self, new: Article) -> None:
        before = self.articles.get(new.id)
        expected = "added" if before is None else "unchanged" if before == new else "updated"
        assert self.catalogue.put([new], one_each).outcomes == [expected]
        self.articles[new.id] = new
        self.forget_what_is_gone()

    def forget_what_is_gone(self) -> None:
        self.embedded &= self.texts()
        self.numbers = {id_: self.numbers[id_] for id_ in self.passages() if id_ in self.numbers}

    @rule(new=articles)
    def put(self, new: Article) -> None:
        """An article comes, or another version of it."""
        self.store(new)

    def own(self) -> list[str]:
        """Ids of the articles that no wire sent."""
        return sorted(id_ for id_ in self.articles if id_ in IDS)

    @precondition(lambda self: self.own())
    @rule(data=st.data(), sentence=st.sampled_from(SENTENCES), how=st.sampled_from(("insert", "delete", "replace")))
    def edit(self, data: st.DataObject, sentence: str, how: str) -> None:
        """A paragraph is put in, taken out or written anew."""
        old = self.articles[data.draw(st.sampled_from(self.own()))]
        place = data.draw(st.integers(0, len(old.paragraphs) - 1))
        if how == "delete" and len(old.paragraphs) == 1:
            how = "replace"  # nothing would be left, which is no article
        new = {"insert": (sentence, old.paragraphs[place]), "delete": (), "replace": (sentence,)}[how]
        self.store(replace(old, paragraphs=old.paragraphs[:place] + new + old.paragraphs[place + 1 :]))

    @precondition(lambda self: self.own())
    @rule(data=st.data(), title=st.sampled_from(TITLES), source=st.sampled_from(SOURCES), day=st.sampled_from(DAYS))
    def describe(self, data: st.DataObject, title: str, source: str, day: date | None) -> None:
        """Headline, outlet or date change, and not a word of the text."""
        old = self.articles[data.draw(st.sampled_from(self.own()))]
        self.store(replace(old, title=title, source=source, published=day))

    @precondition(lambda self: self.own())
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """An article goes."""
        id_ = data.draw(st.sampled_from(self.own()))
        self.catalogue.remove([id_])
        del self.articles[id_]
        self.forget_what_is_gone()

    def expect(self) -> None:
        """The archive holds of each story its newest edition, from when that may be read."""
        self.articles = {id_: about for id_, about in self.articles.items() if id_ in IDS}
        for sent in self.sent.values():
            if sent and (newest := sent[max(sent)]).until is not None and newest.until <= self.clock:
                self.articles[newest.id] = free(newest)
        self.forget_what_is_gone()

    @rule(
        story=st.sampled_from(sorted(WIRES)),
        second=st.booleans(),
        late=st.booleans(),
        texts=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2),
        hours=st.sampled_from((None, 0, 0, 1, 5)),
    )
    def send(self, story: str, second: bool, late: bool, texts: list[str], hours: int | None) -> None:
        """A version comes, in turn or behind a newer one, to be read at once, after some hours or not at all."""
        self.editions += 2
        edition = self.editions - 3 if late else self.editions
        if edition in self.sent[story] or edition < 1:
            return
        sent = self.sent[story]
        new = HeldArticle(
            WIRES[story][second],
            f"Edition {edition} of {story}",
            tuple(texts),
            source="Wire",
            url=f"https://wire.example/{story}",
            edition=edition,
            until=None if hours is None else self.clock + timedelta(hours=hours),
        )
        [outcome] = self.catalogue.put([new if hours != 0 else free(new)], one_each).outcomes
        if edition <= self.killed[story]:
            assert outcome == "withdrawn"
            return
        first = next((each.id for each in sent.values()), new.id)
        sent[edition] = replace(new, id=first)
        self.expect()
        assert (outcome in ("added", "updated")) == (edition == max(sent) and first in self.articles)

    @rule(hours=st.sampled_from((1, 5)))
    def wait(self, hours: int) -> None:
        """Time passes, and embargoes end."""
        self.clock += timedelta(hours=hours)
        self.catalogue.release_due()
        self.expect()

    @precondition(lambda self: any(self.sent.values()))
    @rule(data=st.data(), older=st.booleans())
    def take_back(self, data: st.DataObject, older: bool) -> None:
        """The sender takes a story back, in its newest version or in an older one."""
        story = data.draw(st.sampled_from(sorted(story for story, sent in self.sent.items() if sent)))
        sent = self.sent[story]
        edition = min(sent) if older else max(sent)
        name = next(iter(sent.values())).id
        self.catalogue.put([Withdrawn("wire", name, "was withdrawn", edition)], one_each)
        self.killed[story] = max(self.killed[story], edition)
        self.sent[story] = {each: about for each, about in sent.items() if each > edition}
        self.expect()

    @precondition(lambda self: any(self.sent.values()))
    @rule(data=st.data())
    def remove_story(self, data: st.DataObject) -> None:
        """A story goes, whether it may be read or not."""
        story = data.draw(st.sampled_from(sorted(story for story, sent in self.sent.items() if sent)))
        self.catalogue.remove([next(iter(self.sent[story].values())).id])
        self.sent[story] = {}
        self.expect()

    @rule(part=st.sampled_from((1.0, 0.5)))
    def embed(self, part: float) -> None:
        """Vectors are made of all the texts without one, or of half of them: an embedding that was stopped."""
        missing = self.vectors.missing(self.model)
        texts = self.catalogue.embedded_texts(missing[: round(len(missing) * part)])
        assert not self.embedded & set(texts), "embedded twice"
        self.vectors.add(self.model, {key: made_up_vector(key) for key in map(embedded_hash, texts)})
        self.embedded |= set(texts)

    @precondition(lambda self: self.restarts < 1)  # opening what was closed cleanly starts a process that checks it
    @rule()
    def restart(self) -> None:
        """Closed cleanly and opened again."""
        self.restarts += 1
        self.close()
        self.open()

    @rule()
    def kill(self) -> None:
        """Goes on in a copy of the files as they are, which is what a killed process leaves behind; a database cuts it off."""
        old, self.data = self.data, self.new_place()
        shutil.copytree(old, self.data)
        if self.server:
            self.server.cut_off(self.address)
        self.close()
        shutil.rmtree(old)
        self.open()

    @rule()
    def rebuild(self) -> None:
        """Both views are thrown away and made anew."""
        self.catalogue.changes.begin_anew()
        self.throw_views_away()

    def throw_views_away(self) -> None:
        self.chroma.abandon()
        discard_keyword(self.data)
        self.open_views()

    @rule()
    def purge(self) -> None:
        """What was removed leaves the files too."""
        compact_catalogue(self.catalogue)
        self.throw_views_away()
        self.follow()
        prove(self.catalogue, self.data)

    @rule()
    def back_up(self) -> None:
        """A copy is made."""
        file = self.new_place()
        assert back_up(self.catalogue, file) == len(self.articles)
        sent = {story: dict(editions) for story, editions in self.sent.items()}
        self.backup = (file, dict(self.articles), set(self.embedded), sent)

    @rule()
    def restore(self) -> None:
        """The copy comes back under the open archive, without what was taken back since."""
        assert self.backup is not None
        file, self.articles, self.embedded = self.backup[0], dict(self.backup[1]), set(self.backup[2])
        for story, sent in self.backup[3].items():
            left = {edition: about for edition, about in sent.items() if edition > self.killed[story]}
            if sent and not left:
                self.articles.pop(next(iter(sent.values())).id, None)
            self.sent[story] = left
        assert restore(file, self.catalogue.at, replace=True) == len(self.articles)
        self.numbers = {}
        self.catalogue.release_due()
        self.expect()

    # ------------------------------------------------------------- what must hold

    def passages(self) -> dict[str, tuple[Passage, Article]]:
        """What should be stored, by passage id."""
        return {passage.id: (passage, about) for about in self.articles.values() for passage in one_each(about)}

    def texts(self) -> set[str]:
        """What should have a vector in the end."""
        return {embedded_text(passage.header, passage.text) for passage, _ in self.passages().values()}

    def follow(self) -> None:
        """Brings both views up to date, as the service does."""
        assert self.keyword.catch_up()
        if not self.chroma.stands():
            self.chroma.abandon()
            self.chroma = ChromaView(self.data, self.catalogue, self.vectors, self.model)
        assert self.chroma.catch_up()

    @rule()
    def look(self) -> None:
        """After following, catalogue and views hold exactly what the dictionary says."""
        self.follow()
        numbers = self.look_at_catalogue()
        self.look_at_vectors(numbers)
        self.look_at_keyword(numbers)
        self.look_at_chroma(numbers)

    def look_at_catalogue(self) -> dict[str, int]:
        """The number of each passage, by its id."""
        assert {id_: self.catalogue.article(id_) for id_ in self.articles} == self.articles
        assert self.catalogue.articles(Filters(), ENOUGH, 0)[0] == len(self.articles)
        stored = self.catalogue.passages(self.catalogue.passage_numbers(Filters()))
        numbers = {passage.id: number for number, passage in stored.items()}
        wanted = self.passages()
        assert numbers.keys() == wanted.keys()
        for id_, (passage, about) in wanted.items():
            found = stored[numbers[id_]]
            assert (found.text, found.spans, found.header) == (passage.text, passage.spans, passage.header)
            assert found.article == replace(about, paragraphs=())
        assert self.numbers.items() <= numbers.items(), "a passage that stayed has another number"
        self.numbers = dict(numbers)
        counts = self.catalogue.counts()
        paragraphs = sum(len(about.paragraphs) for about in self.articles.values())
        assert (counts.articles, counts.paragraphs, counts.passages) == (len(self.articles), paragraphs, len(wanted))
        self.look_at_history(counts.under_embargo)
        return numbers

    def look_at_history(self, under_embargo: int) -> None:
        """Of what may be read every edition is there, in order; of the rest there is nothing but its number."""
        hidden = 0
        for sent in self.sent.values():
            id_ = next((about.id for about in sent.values()), "")
            if id_ in self.articles:
                history = self.catalogue.history(id_)
                assert [each.article for each in history.versions] == [free(sent[edition]) for edition in sorted(sent)]
                assert [each.number for each in history.versions] == list(range(1, len(sent) + 1))
                assert all(self.catalogue.article(name).id == id_ for name in history.also_known_as)
            elif sent:
                hidden += 1
                with pytest.raises(ArticleNotFound):
                    self.catalogue.history(id_)
        assert under_embargo == hidden

    def look_at_vectors(self, numbers: dict[str, int]) -> None:
        missing = self.catalogue.embedded_texts(self.vectors.missing(self.model))
        assert sorted(missing) == sorted(self.texts() - self.embedded)
        with self.catalogue.engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM vectors").scalar() == len(self.embedded)
        progress = self.vectors.progress(self.model)
        assert (progress.done, progress.total) == (len(self.with_vectors(numbers)), len(numbers))

    def with_vectors(self, numbers: dict[str, int]) -> dict[int, str]:
        """Number of each passage that has a vector, and the text the vector is of."""
        texts = {numbers[id_]: embedded_text(p.header, p.text) for id_, (p, _) in self.passages().items()}
        return {number: text for number, text in texts.items() if text in self.embedded}

    def chosen(self, numbers: dict[str, int], filters: Filters) -> list[int]:
        """Numbers of the passages whose article passes."""
        return sorted(numbers[id_] for id_, (_, about) in self.passages().items() if passes(about, filters))

    def look_at_keyword(self, numbers: dict[str, int]) -> None:
        assert self.keyword.reached == self.catalogue.changes.last(FOLLOWED)
        [everywhere] = terms("reporters")
        for filters in FILTERS:
            hits = [number for number, _ in self.keyword.search({everywhere: 1.0}, ENOUGH, filters)]
            assert sorted(hits) == self.chosen(numbers, filters) == self.catalogue.passage_numbers(filters)
        for own, sentence in enumerate(SENTENCES):
            [term] = terms(f"say{own}x")
            hits = [number for number, _ in self.keyword.search({term: 1.0}, ENOUGH)]
            assert sorted(hits) == sorted(numbers[id_] for id_, (p, _) in self.passages().items() if sentence in p.text)

    def look_at_chroma(self, numbers: dict[str, int]) -> None:
        assert self.chroma.reached == self.catalogue.changes.last()
        held = self.with_vectors(numbers)
        assert len(self.chroma) == len(held)
        for number, text in held.items():
            vector = made_up_vector(embedded_hash(text))
            scores = dict(self.chroma.search(vector, ENOUGH))
            assert scores.keys() == held.keys()
            assert scores[number] == pytest.approx(1, abs=1e-4)
            for filters in FILTERS[1:3]:
                among = self.chosen(numbers, filters)
                assert {hit for hit, _ in self.chroma.search(vector, ENOUGH, among)} == held.keys() & set(among)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_archive_is_as_a_dictionary_says(
    empty_template: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Articles, versions, embargoes, withdrawals, removals, vectors, restarts, kills, rebuilds, purges and backups, in any order."""
    server = request.getfixturevalue("postgres") if database == "postgresql" else None

    class Machine(ArchiveMachine):
        def __init__(self) -> None:
            super().__init__(empty_template, server)

    examples = 10 if database == "sqlite" else 5  # each statement is a message to another process
    run_state_machine_as_test(Machine, settings=settings(max_examples=examples, stateful_step_count=12))
