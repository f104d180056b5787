"""Passages that hold words to the letter: a "phrase" in quotation marks, or all the words, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.find.keyword import KeywordIndex
from index.passage import FoundPassage, found_passage
from index.text.quoting import held
from index.text.terms import query_terms, terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.rows import StoredPassage
from newsdesk.types import Evidence, Filters

LOOKED_AT = 2_000
"""Passages that hold all the words, of which a phrase is looked for in so many at most: 2,000 take a quarter of a second."""

_PHRASE = re.compile(r'"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»')


def phrases_in(text: str) -> list[str]:
    """What stands in quotation marks; marks around nothing that is searched for are none."""
    found = [next(filter(None, match.groups())) for match in _PHRASE.finditer(text)]
    return [phrase for phrase in found if terms(phrase)]


def find_worded(
    catalogue: Catalogue, keyword: KeywordIndex, text: str, filters: Filters, limit: int, *, newest_first: bool
) -> list[FoundPassage]:
    """The passages, `limit` at most, that hold each phrase of the text and every other word that carries meaning.

    The best by keyword come first, or the newest. A headline counts as part of each of its passages.
    """
    phrases = phrases_in(text)
    rest = _PHRASE.sub(" ", text)
    words = dict.fromkeys(term for phrase in phrases for term in terms(phrase))
    words |= dict.fromkeys(query_terms(rest) if not phrases or terms(rest) else ())
    hits = keyword.holding(list(words), LOOKED_AT if phrases else limit, filters, newest_first=newest_first)
    stored = catalogue.passages([number for number, _ in hits])
    holding = ((stored[number], score) for number, score in hits if number in stored)
    found = [(passage, score) for passage, score in holding if all(_holds(passage, phrase) for phrase in phrases)]
    return [found_passage(passage, score) for passage, score in found[:limit]]


def with_any_word(words: str, found: Sequence[Evidence]) -> list[Evidence]:
    """Those that hold a word that carries meaning, in their text or headline; all, where none does.

    A search by meaning finds something for everything; a list of results is to say how much there is on these words.
    """
    wanted = set(query_terms(words))
    return [each for each in found if wanted.intersection(terms(f"{each.title} {each.text}"))] or list(found)


def marked(text: str, words: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of the words, or a phrase, that were searched for."""
    spans = [place for phrase in phrases_in(words) for place in _places(phrase, text)]
    wanted = set(query_terms(_PHRASE.sub(" ", words)))
    spans += [match.span() for match in re.finditer(r"\w+", text) if wanted.intersection(terms(match.group()))]
    begin = 0
    for start, end in sorted(spans):
        if end <= begin:
            continue
        start = max(start, begin)
        if start > begin:
            yield text[begin:start], False
        yield text[start:end], True
        begin = end
    if begin < len(text):
        yield text[begin:], False


def _holds(passage: StoredPassage, phrase: str) -> bool:
    texts = (passage.text, passage.article.title)
    return any((place := held(phrase, text)) is not None and place.share == 1.0 for text in texts)


def _places(phrase: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the text holds the phrase."""
    begin = 0
    while (place := held(phrase, text[begin:])) is not None and place.share == 1.0:
        yield begin + place.start, begin + place.end
        begin += place.end
