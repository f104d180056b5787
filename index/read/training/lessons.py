"""Makes windows to train on from examples: cropped, some with the answer in them and some without.

News passages are short, and most that are found for a question do not answer it. So contexts are cropped at random
around the answer, and for a part of the questions a window without an answer is added, of three kinds: a paragraph
that keyword search finds for the question, the rest of the question's own context, and the question with a name, a
number or a word turned into another (near misses, as Rajpurkar et al., ACL 2018, had people write them).
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tantivy import Document, Index, Occur, Query, SchemaBuilder

from index.read.training.examples import Example
from index.read.windows import Window
from index.text.terms import ANALYSER, analyser, query_terms
from newsdesk.wording.sentences import sentence_spans

WHOLE = 0.35
"""Share of contexts that are not cropped, so that long paragraphs stay familiar."""
CROPPED_WORDS = (30, 120)
TITLED = 0.5
"""Share of windows that keep their title: an archive's passages have headlines, other text has none."""
FOUND, REST, TURNED = 0.20, 0.10, 0.10
"""Share of answerable questions that get another window without an answer, of each kind.

Few are turned: near misses that people wrote teach more, and are in the files.
"""

_SEARCHED = 10  # passages looked at for one that lacks the answer
_LEAST_REST = 25  # words; less is hardly a paragraph
_NO_TITLE = re.compile(
    r"^(tweet|Filtered_Reddit.*|Amazon_Reviews.*|Wiki1k:.*)$"
)  # of the public sets: numbers, not titles
_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*")
_FIGURE = re.compile(r"\b\d[\d,.]*\b")
_PAIRS = (
    "first last|before after|largest smallest|most least|highest lowest|more less|north south|east west|best worst|"
    "oldest youngest|longest shortest|increase decrease|increased decreased|won lost|win lose|began ended|begin end|"
    "start stop|started stopped|male female|men women|man woman|mother father|son daughter|brother sister|"
    "husband wife|inside outside|above below|early late|buy sell|bought sold|rise fall|rose fell|left right|"
    "arrive leave|open close|opened closed|support oppose|supported opposed|allowed banned|minimum maximum|"
    "majority minority|cause prevent|caused prevented|always never|with without|good bad|day night|winter summer"
)
_OPPOSITES = {
    word: other
    for pair in _PAIRS.split("|")
    for a, b in [pair.split()]
    for word, other in ((a, b), (b, a))
}  # fmt: skip
_NOUN = re.compile(r"\b(?:[Tt]he|an?|[Ww]hat|[Ww]hich|many|his|her|its|their|of) ([a-z]{4,})(?![\w’'-])")
_ENDING = re.compile(r"(?:s|ed|ing|ly|er|est)$")
_AUXILIARY = re.compile(r"\b(did|does|do|is|are|was|were|can|could|will|would|has|have|had)\b (?!not\b)")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A window and where its answer stands in the text, as (start, end); None: nowhere."""

    window: Window
    answer: tuple[int, int] | None
    tempting: tuple[int, int] | None = None
    """Where what a hasty reader would take for the answer stands, when that is known and there is no answer."""
    labelled: bool = True
    """Whether it is known if the window answers."""


def lessons(examples: Sequence[Example], seed: int) -> list[Lesson]:
    """The windows for one pass over the examples, in their order; another seed gives other crops and other near misses."""
    rng = random.Random(seed)
    turned = _Turner(examples)
    search = _ContextSearch(examples)
    made: list[Lesson] = []
    for example in examples:
        if not example.labelled:
            made.append(Lesson(Window(example.question, example.context, example.title), None, labelled=False))
            continue
        made.append(_lesson(example, rng))
        if example.answers:
            made.extend(_without_answer(example, rng, search, turned))
    return made


def _lesson(example: Example, rng: random.Random) -> Lesson:
    """The example itself, cropped: around its answer, or what comes nearest to one."""
    chosen = Counter(example.answers).most_common(1)[0][0] if example.answers else example.tempting
    if chosen is None:
        cropped, _ = _crop(example.context, _likeliest(example), rng)
        return Lesson(_window(example, example.question, cropped, rng), None)
    text, start = chosen
    cropped, begin = _crop(example.context, (start, start + len(text)), rng)
    window, place = _window(example, example.question, cropped, rng), (start - begin, start - begin + len(text))
    return Lesson(window, place) if example.answers else Lesson(window, None, place)


def _likeliest(example: Example) -> tuple[int, int]:
    """The sentence that shares most words with the question: without it, a near miss would be easily told."""
    asked = set(query_terms(example.question))
    return max(
        sentence_spans(example.context),
        key=lambda span: len(asked & set(query_terms(example.context[span[0] : span[1]]))),
    )


def _without_answer(example: Example, rng: random.Random, search: _ContextSearch, turned: _Turner) -> Iterator[Lesson]:
    if rng.random() < FOUND:
        other = search.without_answer(example, rng)
        if other is not None:
            yield Lesson(_window(other, example.question, _crop(other.context, None, rng)[0], rng), None)
    if rng.random() < REST:
        rest = _rest(example, rng)
        if rest:
            yield Lesson(_window(example, example.question, rest, rng), None)
    if rng.random() < TURNED:
        question = turned.turn(example, rng)
        if question is not None:
            text, start = example.answers[0]
            cropped, _ = _crop(example.context, (start, start + len(text)), rng)
            yield Lesson(_window(example, question, cropped, rng), None)


def _window(example: Example, question: str, text: str, rng: random.Random) -> Window:
    title = "" if _NO_TITLE.match(example.title) else example.title.replace("_", " ")
    return Window(question, text, title if rng.random() < TITLED else "")


def _crop(context: str, answer: tuple[int, int] | None, rng: random.Random) -> tuple[str, int]:
    """Neighbouring sentences around the answer, or anywhere, and where they begin in the context."""
    if rng.random() < WHOLE:
        return context, 0
    spans = sentence_spans(context)
    words = [len(context[start:end].split()) for start, end in spans]
    if answer is None:
        first = last = rng.randrange(len(spans))
    else:
        inside = [place for place, (start, end) in enumerate(spans) if end > answer[0] and start < answer[1]]
        if not inside:
            return context, 0
        first, last = inside[0], inside[-1]
    left = rng.uniform(*CROPPED_WORDS) - sum(words[first : last + 1])
    while left > 0 and (first > 0 or last < len(spans) - 1):
        if first > 0 and (last == len(spans) - 1 or rng.random() < 0.5):
            first -= 1
            left -= words[first]
        else:
            last += 1
            left -= words[last]
    begin = spans[first][0] if answer is None else min(spans[first][0], answer[0])
    end = spans[last][1] if answer is None else max(spans[last][1], answer[1])
    return context[begin:end], begin


def _rest(example: Example, rng: random.Random) -> str:
    """The longer side of the context before or after every sentence that holds an answer; empty if that is short."""
    spans = sentence_spans(example.context)
    holding = [
        place
        for place, (start, end) in enumerate(spans)
        if any(
            text.casefold() in example.context[start:end].casefold() or (begin < end and begin + len(text) > start)
            for text, begin in example.answers
        )
    ]
    if not holding:
        return ""
    before = example.context[: spans[holding[0]][0]].strip()
    after = example.context[spans[holding[-1]][1] :].strip()
    rest = max(before, after, key=len)
    if len(rest.split()) < _LEAST_REST or any(text.casefold() in rest.casefold() for text, _ in example.answers):
        return ""
    return _crop(rest, None, rng)[0]


class _ContextSearch:
    """Keyword search over the contexts of all examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._contexts = list({example.context: example for example in examples}.values())
        builder = SchemaBuilder()
        builder.add_text_field("text", tokenizer_name=ANALYSER, index_option="freq")
        builder.add_unsigned_field("number", fast=True, indexed=True)
        self._schema = builder.build()
        self._index = Index(self._schema)
        self._index.register_tokenizer(ANALYSER, analyser())
        writer = self._index.writer(64_000_000, num_threads=1)
        for number, example in enumerate(self._contexts):
            writer.add_document(Document.from_dict({"text": example.context, "number": number}, self._schema))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def without_answer(self, example: Example, rng: random.Random) -> Example | None:
        """One of the contexts found best for the question that holds none of its answers."""
        wanted = query_terms(example.question)
        if not wanted:
            return None
        clauses = [(Occur.Should, Query.term_query(self._schema, "text", term)) for term in wanted]
        searcher = self._index.searcher()
        hits = searcher.search(Query.boolean_query(clauses), _SEARCHED, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        answers = [text.casefold() for text, _ in example.answers]
        found = [
            other
            for other in (self._contexts[int(number or 0)] for number in numbers)
            if other.context != example.context and not any(text in other.context.casefold() for text in answers)
        ]
        return rng.choice(found[:5]) if found else None


class _Turner:
    """Turns a question into one that its context does not answer."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._names: defaultdict[str, list[str]] = defaultdict(list)  # of a title's questions
        self._nouns: defaultdict[str, list[str]] = defaultdict(list)
        for example in examples:
            self._names[example.title].extend(_NAME.findall(example.question))
            self._nouns[example.title].extend(_NOUN.findall(example.question))

    def turn(self, example: Example, rng: random.Random) -> str | None:
        """The question with one thing changed; None when there is nothing to change."""
        ways = [self._other_name, self._other_noun, _other_figure, _opposite, _negated]
        rng.shuffle(ways)
        return next((turned for way in ways if (turned := way(example, rng)) is not None), None)

    def _other_name(self, example: Example, rng: random.Random) -> str | None:
        names = list(_NAME.finditer(example.question))
        if not names:
            return None
        known = [name for name in _NAME.findall(example.context) if name not in example.question]
        known = [name for name in known if not any(name in text or text in name for text, _ in example.answers)]
        others = known if known and rng.random() < 0.5 else self._names[example.title]
        others = [name for name in others if name not in example.question]
        return _replaced(example.question, rng.choice(names).span(), rng.choice(others)) if others else None

    def _other_noun(self, example: Example, rng: random.Random) -> str | None:
        """A noun turned into another of its ending that is asked about under the same title, or stands nearby."""
        nouns = list(_NOUN.finditer(example.question))
        if not nouns:
            return None
        chosen = rng.choice(nouns)
        known = _NOUN.findall(example.context) if rng.random() < 0.5 else self._nouns[example.title]
        answers = " ".join(text for text, _ in example.answers)
        others = [
            noun
            for noun in known
            if _ending(noun) == _ending(chosen[1]) and noun[:5] not in example.question and noun not in answers
        ]
        return _replaced(example.question, chosen.span(1), rng.choice(others)) if others else None


def _ending(word: str) -> str:
    found = _ENDING.search(word)
    return found.group() if found else ""


def _other_figure(example: Example, rng: random.Random) -> str | None:
    figures = list(_FIGURE.finditer(example.question))
    if not figures:
        return None
    chosen = rng.choice(figures)
    others = [figure for figure in _FIGURE.findall(example.context) if figure not in example.question]
    number = chosen.group().rstrip(",.")
    shifted = str(int(number) + rng.choice([-20, -10, -3, -2, -1, 1, 2, 3, 10, 20])) if number.isdecimal() else None
    other = rng.choice(others) if others and rng.random() < 0.5 else shifted
    return _replaced(example.question, chosen.span(), other) if other else None


def _opposite(example: Example, rng: random.Random) -> str | None:
    found = [match for match in re.finditer(r"\w+", example.question) if match.group() in _OPPOSITES]
    if not found:
        return None
    chosen = rng.choice(found)
    return _replaced(example.question, chosen.span(), _OPPOSITES[chosen.group()])


def _negated(example: Example, rng: random.Random) -> str | None:
    found = _AUXILIARY.search(example.question)
    if not found or rng.random() < 0.7:  # people seldom ask so, and it is quickly learnt
        return None
    return example.question[: found.end()] + "not " + example.question[found.end() :]


def _replaced(question: str, place: tuple[int, int], other: str) -> str:
    return question[: place[0]] + other + question[place[1] :]
