"""Words as the keyword index sees them: lower case, without accents, stemmed; "al-Bab" is al + bab."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

ANALYSER = "news"
"""Name under which the analyser is registered with every tantivy index that is opened."""

# Words that carry the form of a question, not its subject. Searching without them is worth about three
# points of hit@1 (docs/why.md); kept short, because "first", "most" or "not" do carry meaning in news.
STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being but by can could did do does
    doing for from had has have having he her here hers him his how i if in into is it its itself just me
    might must my no nor of off on or our ours out over own she should so some such than that the their theirs
    them then there these they this those to too under until up us very was we were what when where which while
    who whom whose why will with would you your yours s t d ll m re ve
    many much long old part tell told say said says know happened happen take took taken place according""".split()
)


def analyser() -> TextAnalyzer:
    """Makes the analyser; it must be registered at every open of an index."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(60))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


@cache
def _shared() -> TextAnalyzer:
    return analyser()


@cache
def _stemmed_stop_words() -> frozenset[str]:
    return frozenset(stem for word in STOP_WORDS for stem in _shared().analyze(word))


def terms(text: str) -> list[str]:
    """All terms of a text, in order."""
    return _shared().analyze(text)


def is_stop_word(term: str) -> bool:
    """Whether a term is one of those that carry no subject."""
    return term in _stemmed_stop_words()


def query_terms(question: str) -> list[str]:
    """The terms of a question that carry its subject, each once; all of them if there would be none."""
    every = list(dict.fromkeys(terms(question)))
    return [term for term in every if not is_stop_word(term)] or every


def overlap(one: Set[str], other: Set[str]) -> float:
    """Share of the smaller one's terms that the other has too, 0..1."""
    return len(one & other) / max(1, min(len(one), len(other)))
