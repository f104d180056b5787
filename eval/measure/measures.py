"""What is measured of one question and its answer. `MEASURES` lists all, `measure` takes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from eval.formulas.metrics import (
    answer_in_best,
    contained,
    exact_match,
    hit,
    ndcg,
    recall,
    reciprocal_rank,
    token_f1,
)
from eval.sets.folder import EvalQuestion
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Answer, Citation, Evidence
from newsdesk.wording.sentences import sentence_spans

Paragraphs = Callable[[str], Sequence[str]]
"""The paragraphs of an article as they are stored. Raises ArticleNotFound."""

HITS = (1, 4, 10, 20)
RECALLS = (10, 20)
BEST = (1, 3, 5, 10)
COVERAGES = (80, 90)  # per cent of the answers that are to be right

_SHORTEST_PIECE = 40  # characters: a crosshead such as "Russia" is a piece of many paragraphs

_MARKER = re.compile(r"\s*\[(\d+)\]")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure by its name: what it is, and which way is better."""

    name: str
    section: Literal["finding", "answering", "citing", "refusing", "time", "judged"]
    better: Literal["high", "low", ""]
    formula: str
    source: str = ""
    share: bool = True
    """A share 0..1, which is shown in per cent."""


def _ranking_measures(of: str, things: str, recalls: Sequence[int]) -> list[Measure]:
    """The measures of one ranking."""
    return [
        *(
            Measure(f"{of}hit@{k}", "finding", "high", f"questions with one of the gold {things} among the first {k}")
            for k in HITS
        ),
        Measure(f"{of}mrr@10", "finding", "high", f"1 / rank of the first gold {things[:-1]}, 0 beyond 10", "Voorhees 1999"),
        Measure(
            f"{of}ndcg@10", "finding", "high", f"gain 1 for gold {things}, discount 1/log2(rank+1), over the best order",
            "Järvelin and Kekäläinen 2002",
        ),
        *(
            Measure(f"{of}recall@{k}", "finding", "high", f"share of the gold {things} among the first {k}")
            for k in recalls
        ),
    ]  # fmt: skip


MEASURES = (
    *_ranking_measures("", "articles", RECALLS),
    *_ranking_measures("paragraph ", "paragraphs", (10,)),
    *(
        Measure(f"answer in best {k}{ending}", "finding", "high", f"a gold answer stands in {looked}one of the best {k} passages",
                "Karpukhin et al. 2020")
        for ending, looked in (("", ""), (" with headline", "the headline or text of "))
        for k in BEST
    ),
    Measure("contained", "answering", "high", "a gold answer is a run of whole words of the text; a refusal contains none",
            "Karpukhin et al. 2020"),
    Measure("words", "answering", "", "mean length of the text of what was answered, markers left out", share=False),
    Measure("short answer given", "answering", "high", "answerable questions with a short answer"),
    Measure("exact match", "answering", "high", "short answer equals a gold answer, normalised; none given counts 0",
            "Rajpurkar et al. 2016"),
    Measure("token f1", "answering", "high", "2PR/(P+R) over the words of short answer and nearest gold answer; none given counts 0",
            "Rajpurkar et al. 2016"),
    Measure("contained in short answer", "answering", "high", "as contained, of the short answer alone"),
    Measure("citation precision", "citing", "high",
            "share of an answer's citations whose paragraph is gold or holds a gold answer, where gold paragraphs are known",
            "after Gao et al. 2023 (ALCE), labels in place of a model's judgement"),
    Measure("citation recall", "citing", "high",
            "share of an answer's statements with such a citation, where gold paragraphs are known", "after ALCE, as above"),
    Measure("gold paragraph cited", "citing", "high", "answerable questions with a citation of a gold paragraph; a refusal has none"),
    Measure("gold articles cited", "citing", "high", "share of an answerable question's gold articles that are cited"),
    Measure("quotes verbatim", "citing", "high", "answers whose every quote is its paragraph at [start:end]; must be 1"),
    Measure("cited in evidence", "citing", "high", "answers whose every cited paragraph is among the evidence; must be 1"),
    Measure("answered of answerable", "refusing", "high", "answerable questions that got an answer"),
    Measure("refused of unanswerable", "refusing", "high", "unanswerable questions that got none"),
    Measure("refused where unknown", "refusing", "", "questions of unknown answerability that got none"),
    Measure("right of answered", "refusing", "high",
            "answers to answerable questions that contain a gold answer, among all answers to questions of known answerability"),
    *(
        Measure(f"coverage at {percent}", "refusing", "high",
                f"most questions of known answerability that can be answered, most confident first, with {percent} % of the answers right",
                "Geifman and El-Yaniv 2017")
        for percent in COVERAGES
    ),
    Measure("ece", "refusing", "low", "mean |confidence - share right| over bins of equal mass, of what was answered",
            "Naeini et al. 2015", share=False),
    Measure("aurc", "refusing", "low", "mean share of wrong answers among the i most confident ones, over all i",
            "Geifman et al. 2019", share=False),
    Measure("auroc", "refusing", "high",
            "how probably a right answer has a higher confidence than a wrong one, ties half, of what was answered",
            "Hanley and McNeil 1982", share=False),
    Measure("dated right", "time", "high", "questions with a date whose newest gold answer stands in the text"),
    Measure("dated outdated", "time", "low", "questions with a date answered from documents none of which is gold"),
    Measure("dated refused", "time", "low", "questions with a date that got no answer"),
    Measure("faithful (judged)", "judged", "high", "answers that an LLM found supported by the paragraphs they cite"),
    Measure("correct (judged)", "judged", "high", "answers that an LLM gave 4 or 5 of 5 against the gold answers"),
    Measure("correctness (judged)", "judged", "high", "the mean of these marks, 1 to 5", share=False),
)  # fmt: skip
"""In the order of reports."""


def measure(question: EvalQuestion, answer: Answer, paragraphs: Paragraphs) -> dict[str, float]:
    """Every measure that applies to this question.

    Finding counts for questions with gold, answering for answerable ones, where a refusal is simply not right.
    """
    found = finding(question, answer.evidence)
    if question.answerable:
        found |= _answering(question, answer) | _citing_gold(question, answer, paragraphs)
    elif question.answerable is None:
        found["refused where unknown"] = not answer.answerable
    else:
        found["refused of unanswerable"] = not answer.answerable
    if answer.answerable:
        found["words"] = len(plain(answer).split())
        found |= _citing(answer, paragraphs)
        if question.answerable is not None:
            found["right of answered"] = is_right(question, answer)
    if question.answerable and question.as_of and question.gold:
        found |= _time(question, answer)
    return {name: float(value) for name, value in found.items()}


def is_right(question: EvalQuestion, answer: Answer) -> bool:
    """Answered, to be answered, and a gold answer stands in the text."""
    return answer.answerable and bool(question.answerable) and contained(plain(answer), question.answers)


def plain(answer: Answer) -> str:
    """The answer's text without what is added to its quotes: the markers, and an ellipsis where a sentence is cut."""
    text = _without(answer.text, _markers(answer))
    for cited in answer.citations:
        if cited.shown != cited.quote:
            text = text.replace(cited.shown, cited.quote)
    return text


def _markers(answer: Answer) -> list[re.Match[str]]:
    """Where the text refers to a citation; what looks like it inside a quotation was printed by the publisher."""
    known = {cited.marker for cited in answer.citations}
    quoted = _quoted(answer.text, answer.citations)
    return [
        match
        for match in _MARKER.finditer(answer.text)
        if int(match[1]) in known and not any(start < match.end(1) < end for start, end in quoted)
    ]


def _quoted(text: str, citations: Sequence[Citation]) -> list[tuple[int, int]]:
    """Where the quotes of the citations stand in the text, if they stand there whole."""
    found = [(text.find(cited.quote), len(cited.quote)) for cited in citations if cited.quote]
    return [(start, start + length) for start, length in found if start >= 0]


def _without(text: str, markers: Sequence[re.Match[str]]) -> str:
    kept, place = [], 0
    for match in markers:
        kept.append(text[place : match.start()])
        place = match.end()
    return "".join([*kept, text[place:]])


# ----------------------------------------------------------------------------------------------- finding


def finding(question: EvalQuestion, evidence: Sequence[Evidence]) -> dict[str, float]:
    """The measures of a ranking of passages; articles count at their best passage."""
    found: dict[str, float] = {}
    if question.gold:
        articles = list(dict.fromkeys(item.article_id for item in evidence))
        found |= _ranked("", articles, {gold.article_id for gold in question.gold}, RECALLS)
    gold_paragraphs = _gold_texts(question)
    if gold_paragraphs:
        found |= _ranked("paragraph ", _paragraph_ranking(question, evidence), gold_paragraphs, (10,))
    if question.answers and question.answerable is not False:
        bare = [item.text for item in evidence]
        headed = [f"{item.title}\n{item.text}" for item in evidence]
        found |= {f"answer in best {k}": answer_in_best(bare, question.answers, k) for k in BEST}
        found |= {f"answer in best {k} with headline": answer_in_best(headed, question.answers, k) for k in BEST}
    return found


def _ranked(
    of: str, ranking: Sequence[Hashable], gold: Collection[Hashable], recalls: Sequence[int]
) -> dict[str, float]:
    found: dict[str, float] = {f"{of}hit@{k}": hit(ranking, gold, k) for k in HITS}
    found |= {f"{of}mrr@10": reciprocal_rank(ranking, gold, 10), f"{of}ndcg@10": ndcg(ranking, gold, 10)}
    return found | {f"{of}recall@{k}": recall(ranking, gold, k) for k in recalls}


def _paragraph_ranking(question: EvalQuestion, evidence: Sequence[Evidence]) -> list[Hashable]:
    """The paragraphs in the order a reader of the passages meets them; gold ones by their text, others by their place."""
    ranking: dict[Hashable, None] = {}
    for item in evidence:
        texts = item.text.split("\n\n")
        for number, text in zip(dict.fromkeys(item.paragraphs), texts, strict=False):
            ranking[_gold_text(question, {item.article_id}, text) or (item.article_id, number)] = None
    return list(ranking)


def _gold_texts(question: EvalQuestion) -> set[str]:
    return {_squeezed(text) for gold in question.gold for text in gold.paragraphs}


def _gold_text(question: EvalQuestion, articles: Collection[str], text: str) -> str | None:
    """The gold paragraph that a paragraph, or a piece of it, is: cleaning may have dropped its ends.

    In an article that is gold a piece of a gold paragraph counts, but not one that lacks the answer when the whole has
    it; elsewhere (copies of a wire story) only the whole.
    """
    text = _squeezed(text)
    for gold in question.gold:
        for whole in map(_squeezed, gold.paragraphs):
            if text == whole or (gold.article_id in articles and _is_piece(text, whole, question)):
                return whole
    return None


def _is_piece(one: str, other: str, question: EvalQuestion) -> bool:
    short, long = sorted((one, other), key=len)
    if short not in long or len(short) < min(_SHORTEST_PIECE, len(long) / 2):
        return False
    return contained(short, question.answers) or not contained(long, question.answers)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------------------- answering and citing


def _answering(question: EvalQuestion, answer: Answer) -> dict[str, float]:
    short = answer.short_answer if answer.answerable else None
    return {
        "answered of answerable": answer.answerable,
        "contained": is_right(question, answer),
        "short answer given": bool(short),
        "contained in short answer": contained(short or "", question.answers),
        **_word_by_word(question, short),
    }


def _word_by_word(question: EvalQuestion, short: str | None) -> dict[str, float]:
    """SQuAD's measures; they know no answer in parts."""
    if not all(isinstance(answer, str) for answer in question.answers):
        return {}
    return {
        "exact match": bool(short) and exact_match(short or "", question.answers),
        "token f1": token_f1(short, question.answers) if short else 0.0,
    }


def _citing(answer: Answer, paragraphs: Paragraphs) -> dict[str, float]:
    shown = {(item.article_id, number) for item in answer.evidence for number in item.paragraphs}
    return {
        "quotes verbatim": bool(answer.citations) and all(is_verbatim(cited, paragraphs) for cited in answer.citations),
        "cited in evidence": all((cited.article_id, cited.paragraph) in shown for cited in answer.citations),
    }


def _citing_gold(question: EvalQuestion, answer: Answer, paragraphs: Paragraphs) -> dict[str, float]:
    cited = {copy for citation in answer.citations for copy in _articles_of(citation)}
    gold = {item.article_id for item in question.gold}
    found: dict[str, float] = {}
    if gold:
        found["gold articles cited"] = len(gold & cited) / len(gold)
    if any(item.paragraphs for item in question.gold):
        are_gold = [is_gold(question, citation, paragraphs) for citation in answer.citations]
        found["gold paragraph cited"] = any(are_gold)
        if answer.answerable:
            supports = {
                citation.marker: gold or contained(cited_paragraph(citation, paragraphs), question.answers)
                for citation, gold in zip(answer.citations, are_gold, strict=True)
            }
            found["citation precision"] = mean(supports.values()) if supports else 0.0
            found["citation recall"] = _recall_of_statements(answer, supports)
    return found


def _recall_of_statements(answer: Answer, supports: dict[int, bool]) -> float:
    """Share of the statements of the text that bear the marker of a supporting citation."""
    stated = [any(supports.get(marker, False) for marker in markers) for markers in statements(answer)]
    return mean(stated) if stated else 0.0


def statements(answer: Answer) -> list[set[int]]:
    """The sentences of an answer, each as the markers in it or right behind it. A quotation is one, however long."""
    text, markers = answer.text, _markers(answer)
    bare = _without(text, markers)
    gone = 0
    places = []  # where each marker stood, in the text without markers
    for match in markers:
        places.append((match.start() - gone, int(match[1])))
        gone += match.end() - match.start()
    spans = _whole_quotes([span for span in sentence_spans(bare) if _WORD.search(bare[slice(*span)])], bare, answer)
    found: list[set[int]] = [set() for _ in spans]
    for place, marker in places:
        before = [number for number, (start, _) in enumerate(spans) if start < place]
        if before:
            found[before[-1]].add(marker)
    return found


def _whole_quotes(spans: Sequence[tuple[int, int]], text: str, answer: Answer) -> list[tuple[int, int]]:
    """The spans with those that lie in one quotation made one."""
    merged: list[tuple[int, int]] = []
    quotes = _quoted(text, answer.citations)
    for start, end in spans:
        quote = next((each for each in quotes if each[0] <= start < each[1]), None)
        if quote and merged and merged[-1][0] >= quote[0]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def is_gold(question: EvalQuestion, cited: Citation, paragraphs: Paragraphs) -> bool:
    """Whether the cited paragraph, here or in a copy of the article, is a gold one."""
    text = cited_paragraph(cited, paragraphs)
    return bool(text.strip()) and _gold_text(question, _articles_of(cited), text) is not None


def is_verbatim(cited: Citation, paragraphs: Paragraphs) -> bool:
    """Whether the quote is its paragraph at [start:end]."""
    return bool(cited.quote) and cited_paragraph(cited, paragraphs)[cited.start : cited.end] == cited.quote


def _articles_of(cited: Citation) -> set[str]:
    return {cited.article_id, *(copy.article_id for copy in cited.also_in)}


def cited_paragraph(cited: Citation, paragraphs: Paragraphs) -> str:
    """The cited paragraph as it is stored; empty when there is none."""
    try:
        stored = paragraphs(cited.article_id)
    except ArticleNotFound:
        return ""
    return stored[cited.paragraph] if 0 <= cited.paragraph < len(stored) else ""


# -------------------------------------------------------------------------------------------------- time


def _time(question: EvalQuestion, answer: Answer) -> dict[str, float]:
    """How a question with a day was answered: gold is the newest truth, every other document is older, or wrong."""
    gold = {item.article_id for item in question.gold}
    cites_gold = any(gold & _articles_of(cited) for cited in answer.citations)
    return {
        "dated right": is_right(question, answer),
        "dated outdated": answer.answerable and not cites_gold,
        "dated refused": not answer.answerable,
    }
