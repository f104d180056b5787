"""Passages: all of an article, in pieces a model can read, that keep their ids."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ingest.passages import MAX_CHARACTERS, MAX_TOKENS, MAX_WORDS, MIN_WORDS, count_tokens, split_passages
from newsdesk import packaged_model
from newsdesk.types import Article, Passage, Span, embedded_text, passage_text
from tests.support import article, day

words = st.sampled_from("the raid on al-Bab was Erdoğan’s 1,500 € jets. Snow fell! “Why?” co-operation U.S. a".split())
sentences = st.lists(words, min_size=1, max_size=40).map(" ".join)
plain = st.lists(sentences, min_size=1, max_size=8).map(" ".join)
awkward = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.integers(1, 3_000).map(lambda many: "x" * many),
    st.integers(1, 600).map(lambda many: "字" * many),
    st.integers(100, 400).map(lambda many: "word\t" * many),
    st.integers(100, 400).map(lambda many: "a  b " * many),
    st.integers(100, 300).map(lambda many: "Ünï-cödé\u0301. " * many),
    st.just(""),
)
paragraphs = st.lists(plain | awkward, max_size=12).map(tuple)
articles = st.builds(
    Article,
    id=st.sampled_from(["a", "gazette/2017#1"]),
    title=st.one_of(st.just("Raid on Al Bab"), st.just("A very long headline " * 40), st.text(max_size=80)),
    paragraphs=paragraphs,
    source=st.sampled_from(["", "Gazette", "The " * 60]),
    published=st.sampled_from([None, date(2017, 1, 18)]),
)
some = settings(max_examples=60)


COMMON = """harbour town snow council tram budget fire river bridge market school north south winter police report
minister church strike ship coast train night storm market price water people street paper money house road""".split()


def story(number: int, many: int = 60) -> Article:
    """Made-up prose, always the same for the same number."""
    chance = random.Random(number)

    def sentence() -> str:
        return " ".join(chance.choice(COMMON) for _ in range(chance.randrange(6, 24))).capitalize() + "."

    return article(
        f"story/{number}", *(" ".join(sentence() for _ in range(chance.randrange(1, 5))) for _ in range(many))
    )


def ids(passages: list[Passage]) -> list[str]:
    """Their ids."""
    return [passage.id for passage in passages]


@given(articles)
@some
def test_every_character_is_in_exactly_one_passage(article: Article) -> None:
    """In reading order; between the parts of a paragraph that had to be cut there is at most white space.

    One without characters, which stands for a line that is left out, is in none.
    """
    spans = [span for passage in split_passages(article) for span in passage.spans]
    assert spans == sorted(spans)
    for number, text in enumerate(article.paragraphs):
        parts = [span for span in spans if span.paragraph == number]
        end = 0
        for part in parts:
            assert end <= part.start <= part.end
            assert not text[end : part.start].strip()
            end = part.end
        assert bool(parts) == bool(text)
        assert not text[end:].strip()
        if len(parts) == 1:
            assert parts == [Span(number, 0, len(text))], "a paragraph is whole unless it is too long"


@given(articles)
@some
def test_a_passage_fits_the_model(article: Article) -> None:
    """At most 180 words, at most 256 tokens with its header and the two the model adds."""
    for passage in split_passages(article):
        assert len(passage.text.split()) <= MAX_WORDS
        assert count_tokens(embedded_text(passage.header, passage.text)) + 2 <= MAX_TOKENS


@pytest.mark.parametrize("words", range(715, 725))
def test_half_a_word_counts_as_one(words: int) -> None:
    """Where nothing but tabs parts the words, a paragraph is cut within one."""
    (long, *_) = passages = split_passages(article("a", "\t".join(["haul"] * words)))
    assert max(len(passage.text.split()) for passage in passages) <= MAX_WORDS
    assert long.spans[0].start == 0


@pytest.mark.parametrize(
    "text", ["", "Nine  eels.", "a\u00a0b\tc\x85d", "naïve [SEP] “don't” 東京都 e\u0301", "x" * 90 + " y"]
)
def test_tokens_are_those_of_the_tokenizer(text: str) -> None:
    """Counted word by word or at once, also the second time."""
    tokenizer = Tokenizer.from_file(str(packaged_model.folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    told = len(tokenizer.encode(text, add_special_tokens=False))
    assert (count_tokens(text), count_tokens(text)) == (told, told)


@given(articles)
@some
def test_only_a_paragraph_that_is_too_long_is_cut(article: Article) -> None:
    """One that fits into a passage stays whole."""
    passages = split_passages(article)
    header = count_tokens(passages[0].header) if passages else 0
    cut = [span for p in passages for span in p.spans if span[1:] != (0, len(article.paragraphs[span[0]]))]
    for number in {span.paragraph for span in cut}:
        text = article.paragraphs[number]
        assert (
            len(text.split()) > MAX_WORDS or count_tokens(text) + header + 2 > MAX_TOKENS or len(text) > MAX_CHARACTERS
        )


@given(articles)
@some
def test_the_text_is_what_its_spans_say(article: Article) -> None:
    """A passage can be put together again from the article alone, as the catalogue does."""
    numbered = dict(enumerate(article.paragraphs))
    for position, passage in enumerate(split_passages(article)):
        assert passage.text == passage_text(numbered, passage.spans)
        assert (passage.position, passage.article_id) == (position, article.id)
        assert passage.id.startswith(f"{article.id}#")


@given(articles)
@some
def test_ids_are_unique_and_always_the_same(article: Article) -> None:
    """Also for texts that occur twice; the same article is always split alike."""
    passages = split_passages(article)
    assert len(set(ids(passages))) == len(passages)
    assert split_passages(article) == passages


@given(articles)
@some
def test_no_passage_is_short_that_could_have_been_longer(article: Article) -> None:
    """100 words at least, unless the next paragraph would not have fitted, or there is none."""
    passages = split_passages(article)
    numbered = dict(enumerate(article.paragraphs))
    for passage, following in pairwise(passages):
        more = passage_text(numbered, following.spans[:1])
        assert (
            len(passage.text.split()) >= MIN_WORDS
            or len(passage.text.split()) + len(more.split()) > MAX_WORDS
            or count_tokens(embedded_text(passage.header, passage.text)) + count_tokens(more) + 2 > MAX_TOKENS
            or len(passage.text) + len(more) > MAX_CHARACTERS
        )


def test_ordinary_prose_makes_passages_of_100_to_180_words() -> None:
    """Only the last one of a story may be shorter."""
    for number in range(10):
        for passage in split_passages(story(number))[:-1]:
            assert MIN_WORDS <= len(passage.text.split()) <= MAX_WORDS


def test_an_inserted_paragraph_leaves_the_other_passages_their_ids() -> None:
    """Content decides where passages end, not counting: a passage or two change, permalinks far away live on."""
    changed = []
    for number in range(20):
        before = story(number)
        at = number * 3
        more = ("An inserted paragraph of a few words.",)
        after = article(before.id, *before.paragraphs[:at], *more, *before.paragraphs[at:], title=before.title)
        old, new = ids(split_passages(before)), ids(split_passages(after))
        changed.append(len(set(old) - set(new)))
        untouched = [p.id for p in split_passages(before) if p.spans and p.spans[-1].paragraph < at - 40]
        assert new[: len(untouched)] == untouched
    assert sum(changed) / len(changed) <= 3


def test_a_new_headline_or_day_changes_no_id() -> None:
    """The header is not part of a passage's identity."""
    before = story(1)
    after = Article(before.id, "Corrected", before.paragraphs, "Other", published=day("2017-01-19"))
    assert ids(split_passages(before)) == ids(split_passages(after))


def test_the_header_says_headline_outlet_and_day() -> None:
    """In one line in front of the text, and never in it; what is not known is left out."""
    known = article("a", "Nine jets flew.", title="Raid", published=day("2017-01-08"))
    [passage] = split_passages(known)
    assert passage.header == "Raid | Gazette | 8 January 2017"
    assert passage.text == "Nine jets flew."
    [bare] = split_passages(Article("a", "", ("Nine jets flew.",)))
    assert bare.header == ""


def test_an_article_without_text_has_no_passages() -> None:
    """There is nothing to find."""
    assert split_passages(Article("a", "Only a headline", ())) == []


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    """A quotation can then still hold whole sentences."""
    sentence = "Nine jets flew over the small town of Al Bab."
    text = " ".join([sentence] * 80)
    passages = split_passages(article("a", text))
    assert len(passages) > 1
    for passage in passages:
        assert len(passage.text.split()) <= MAX_WORDS
        assert passage.text.startswith("Nine")
        assert passage.text.endswith("Bab.")


@pytest.mark.parametrize(
    "word", ["x" * 100_000, "中" * 50_000, ". " * 50_000, "the U.S. The " * 8_000], ids=lambda word: word[:9]
)
def test_a_paragraph_of_any_length_is_cut(word: str) -> None:
    """A "word" that never ends, a script without spaces, stops without sentences: no passage is longer than a page."""
    passages = split_passages(Article("a", "Title", (word.strip(),)))
    assert max(sum(span.end - span.start for span in passage.spans) for passage in passages) <= MAX_CHARACTERS
    assert max(count_tokens(embedded_text(passage.header, passage.text)) for passage in passages) + 2 <= MAX_TOKENS
