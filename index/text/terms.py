"""Words as the keyword index sees them: lower case, without accents, stemmed; "al-Bab" is al + bab.

Scripts that put no spaces between words are cut into pairs of characters, each with its neighbour: 北京大学 is 北京 +
京大 + 大学, so that every word of two characters or more is found wherever it stands. Marks that Arabic and Hebrew may
write or leave out are left out. Endings fall by the script: those of English in Latin letters, of Russian, Arabic and
Greek in theirs; no stemmer touches letters of another script.
"""

from __future__ import annotations

import re
import unicodedata
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


# Han with its extensions, kana, hangul; Thai, Lao, Burmese and Khmer. The sound marks of kana belong to them.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f"
    r"\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# Vowel points, cantillation, the Koran's signs, and the stroke that only widens a word.
_OPTIONAL_MARKS = re.compile(
    r"[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"
)
# Full and half width of the same letters, as East Asian typesetting has them; presentation forms of Arabic.
_OTHER_WIDTH = re.compile(r"[\uff01-\uffef\ufb50-\ufdff\ufe70-\ufefc]+")
_UMLAUT_WORD = re.compile(r"\w*[äöüÄÖÜ]\w*")
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_WITH_E = re.compile(r"([aouAOU])e")
_GERMAN_WORD = re.compile(r"\w*[aouAOU]e\w*")


# What cannot be of a script that the analyser has another stemmer for: Latin letters, and the marks of typesetters.
_BEYOND_LATIN = re.compile(r"[^\u0000-\u02ff\u1e00-\u1eff\u2000-\u20cf]")


def parted(text: str) -> str:
    """The text as the analyser can part it: the same to the letter for scripts that put spaces between words."""
    if text.isascii():
        return text
    text = _OTHER_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _UNSPACED.sub(lambda match: f" {_pairs(match[0])} ", _OPTIONAL_MARKS.sub("", text))


def _pairs(run: str) -> str:
    return " ".join(run[place : place + 2] for place in range(max(1, len(run) - 1)))


def other_spellings(text: str, language: str) -> str:
    """The words of a text that German may spell otherwise, so spelt: "Mueller" for "Müller", and in German for "Mueller".

    That "ü" is found as "u" needs no word here: accents are folded.
    """
    words = {word.translate(_SPELT_OUT) for word in _UMLAUT_WORD.findall(text)}
    if language.lower().startswith("de"):
        words |= {_WITH_E.sub(r"\1", word) for word in _GERMAN_WORD.findall(text)}
    return " ".join(sorted(words))


def analyser() -> TextAnalyzer:
    """Makes the analyser, which is to be given what `parted` makes; it must be registered at every open of an index."""
    return _analyser("english", "russian", "arabic", "greek")


def _analyser(*languages: str) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for each in (Filter.remove_long(60), Filter.lowercase(), Filter.ascii_fold(), *map(Filter.stemmer, languages)):
        builder = builder.filter(each)
    return builder.build()


@cache
def _shared(latin: bool) -> TextAnalyzer:
    """The analyser; for Latin letters without the stemmers that touch none of them, which take two thirds of the time."""
    return _analyser("english") if latin else analyser()


@cache
def _stemmed_stop_words() -> frozenset[str]:
    return frozenset(stem for word in STOP_WORDS for stem in terms(word))


def terms(text: str) -> list[str]:
    """All terms of a text, in order."""
    if text.isascii() or not _BEYOND_LATIN.search(text):  # nothing to part then
        return _shared(latin=True).analyze(text)
    return _shared(latin=False).analyze(parted(text))


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
