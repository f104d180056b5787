"""Each measure on a world known by heart, and what each kind of fault does to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from eval.measure.measures import MEASURES, is_gold, measure, plain, statements
from eval.measure.outcome import Outcome, outcome_of
from eval.report.figures import figures
from eval.sets.folder import EvalQuestion, Gold
from newsdesk.types import Answer, Citation, Copy, Evidence, Span
from tests.eval.world import ANSWERS, ARTICLES, QUESTIONS, Change, answer, cite, paragraphs

FINDING = {each.name for each in MEASURES if each.section == "finding"}


def measured(answers: Mapping[str, Answer]) -> dict[str, float]:
    """Every figure over the five questions."""
    outcomes = [
        outcome_of(question, answers[question.id], paragraphs, measure(question, answers[question.id], paragraphs))
        for question in QUESTIONS
    ]
    return {name: found.value for name, found in figures(outcomes, seed=0).items()}


def test_every_figure() -> None:
    """Worked out by hand from `tests/eval/world.py`; shares are of the questions a measure applies to."""
    expected = {
        # Gold a at rank 2, b at 1, c at 2.
        "hit@1": 1 / 3, "hit@4": 1, "hit@10": 1, "hit@20": 1,
        "mrr@10": (1 / 2 + 1 + 1 / 2) / 3,
        "ndcg@10": (1 / 1.5849625 + 1 + 1 / 1.5849625) / 3,  # log2(3), log2(2), log2(3)
        "recall@10": 1, "recall@20": 1,
        # Read in order: q1 b b a [a1] is 4th, q2 [b0] is 1st, q3 a a a [c0] is 4th.
        "paragraph hit@1": 1 / 3, "paragraph hit@4": 1, "paragraph hit@10": 1, "paragraph hit@20": 1,
        "paragraph mrr@10": (1 / 4 + 1 + 1 / 4) / 3,
        "paragraph ndcg@10": (1 / 2.3219281 + 1 + 1 / 2.3219281) / 3,
        "paragraph recall@10": 1,
        "answer in best 1": 1 / 3, "answer in best 3": 1, "answer in best 5": 1, "answer in best 10": 1,
        "answer in best 1 with headline": 1 / 3, "answer in best 3 with headline": 1,
        "answer in best 5 with headline": 1, "answer in best 10 with headline": 1,
        "contained": 2 / 3,
        "words": (10 + 11 + 6 + 3) / 4,
        "short answer given": 1,
        "exact match": 1 / 3,
        "token f1": (1 + 2 / 3 + 0) / 3,  # "on Monday" against "Monday": P 1/2, R 1
        "contained in short answer": 2 / 3,
        "citation precision": 2 / 3, "citation recall": 2 / 3,
        "gold paragraph cited": 2 / 3, "gold articles cited": 2 / 3,
        "quotes verbatim": 1, "cited in evidence": 1,
        "answered of answerable": 1, "refused of unanswerable": 1 / 2,
        "right of answered": 2 / 4,
        # By falling confidence right, right, wrong, wrong, and one refused.
        "coverage at 80": 2 / 5, "coverage at 90": 2 / 5,
        # Four bins of one answer: said .9 .8 .3 .4, right 1 1 0 0.
        "ece": (0.1 + 0.2 + 0.3 + 0.4) / 4,
        "aurc": (0 + 0 + 1 / 3 + 2 / 4) / 4,
        "auroc": 1,
        "dated right": 1, "dated outdated": 0, "dated refused": 0,
    }  # fmt: skip
    assert measured(ANSWERS) == pytest.approx(expected)
    assert set(expected) | {"refused where unknown"} == {each.name for each in MEASURES if each.section != "judged"}


def wrong_paragraph(answers: dict[str, Answer]) -> dict[str, Answer]:
    """q1 cites another paragraph of the same article, and quotes that one to the letter."""
    return answers | {"q1": replace(answers["q1"], citations=(cite("a", 2),))}


def altered_quote(answers: dict[str, Answer]) -> dict[str, Answer]:
    """One letter of q1's quote is another."""
    (cited,) = answers["q1"].citations
    return answers | {"q1": replace(answers["q1"], citations=(replace(cited, quote=cited.quote.replace("N", "M")),))}


def swapped_answers(answers: dict[str, Answer]) -> dict[str, Answer]:
    """q1 says what q2 said, and the other way round; each goes on citing what it cited."""
    one, other = answers["q1"], answers["q2"]
    return answers | {
        "q1": replace(one, text=other.text, short_answer=other.short_answer),
        "q2": replace(other, text=one.text, short_answer=one.short_answer),
    }


def inverted_confidence(answers: dict[str, Answer]) -> dict[str, Answer]:
    """What was sure is unsure."""
    return {id_: replace(each, confidence=round(1 - each.confidence, 4)) for id_, each in answers.items()}


def reversed_ranking(answers: dict[str, Answer]) -> dict[str, Answer]:
    """The last passage comes first."""
    return {id_: replace(each, evidence=each.evidence[::-1]) for id_, each in answers.items()}


def cited_elsewhere(answers: dict[str, Answer]) -> dict[str, Answer]:
    """q2 quotes an article that holds nothing of it."""
    return answers | {"q2": replace(answers["q2"], citations=(cite("c", 1),))}


def evidence_lost(answers: dict[str, Answer]) -> dict[str, Answer]:
    """The article that q5 cites is not among its evidence."""
    return answers | {"q5": replace(answers["q5"], evidence=answers["q5"].evidence[1:])}


def refused(answers: dict[str, Answer]) -> dict[str, Answer]:
    """q5, which has no answer, is refused as it should be."""
    return answers | {"q5": answer("Who lost?", "abc", 0.4)}


RANKS = {
    "hit@1", "mrr@10", "ndcg@10", "paragraph hit@1", "paragraph hit@4", "paragraph mrr@10", "paragraph ndcg@10",
    "answer in best 1", "answer in best 1 with headline",
}  # fmt: skip
"""What the order decides in a ranking of three articles with seven paragraphs."""


@pytest.mark.parametrize(
    ("fault", "moved"),
    [
        (wrong_paragraph, {"gold paragraph cited", "citation precision", "citation recall"}),
        (altered_quote, {"quotes verbatim"}),
        (
            swapped_answers,
            {"contained", "right of answered", "exact match", "token f1", "contained in short answer", "dated right",
             "coverage at 80", "coverage at 90", "ece", "aurc", "auroc"},
        ),
        (inverted_confidence, {"coverage at 80", "coverage at 90", "ece", "aurc", "auroc"}),
        (reversed_ranking, RANKS),
        (
            cited_elsewhere,
            {"gold paragraph cited", "gold articles cited", "citation precision", "citation recall", "dated outdated"},
        ),
        (evidence_lost, {"cited in evidence"}),
        (refused, {"refused of unanswerable", "right of answered", "words", "ece", "aurc"}),
    ],
)  # fmt: skip
def test_a_fault_moves_what_it_should(fault: Change, moved: set[str]) -> None:
    """Each fault moves exactly the measures that are about it, and all of them the wrong way.

    Where it leaves no right answer there is no auroc any more.
    """
    before, after = measured(ANSWERS), measured(fault(dict(ANSWERS)))
    assert {name for name in before if name not in after or after[name] != pytest.approx(before[name])} == moved
    assert before.keys() - after.keys() == ({"auroc"} if fault is swapped_answers else set())
    if fault is not refused:  # which is no fault
        better = {each.name: 1 if each.better == "high" else -1 for each in MEASURES if each.better}
        assert all((after[name] - before[name]) * better[name] < 0 for name in moved & after.keys())


def test_a_question_of_unknown_answerability_is_neither() -> None:
    """`answerable: null` is never counted as unanswerable, nor as answered right or wrong."""
    unknown = replace(QUESTIONS[0], answerable=None)
    found = measure(unknown, ANSWERS["q1"], paragraphs)
    assert not {"answered of answerable", "refused of unanswerable", "right of answered", "contained"} & set(found)
    assert outcome_of(unknown, ANSWERS["q1"], paragraphs, found).right is None
    assert found["quotes verbatim"] == 1
    assert found["hit@4"] == 1
    assert found["refused where unknown"] == 0
    assert measure(unknown, ANSWERS["q4"], paragraphs)["refused where unknown"] == 1


def outcome(answerable: bool | None, said: Answer) -> Outcome:
    """What becomes of a question that "Nine jets" answers, or of which that is not so, or not known."""
    asked = replace(QUESTIONS[0], answerable=answerable)
    return outcome_of(asked, said, paragraphs, measure(asked, said, paragraphs))


RIGHT, NONE = ANSWERS["q1"], ANSWERS["q4"]
WRONG = replace(RIGHT, text=f"{ARTICLES['a'][2]} [1]", confidence=0.3)


def test_coverage_is_of_all_questions_that_are_known() -> None:
    """What was refused, rightly or not, is not covered, however sure the refusal; what nobody knows about does not count."""
    answerable = [RIGHT, RIGHT, RIGHT, RIGHT, WRONG, NONE]
    said = {True: answerable, False: [NONE, RIGHT], None: [RIGHT, NONE]}
    found = figures([outcome(known, each) for known, answers in said.items() for each in answers], seed=0)
    # At 0.9 four are right and one, which has no answer, is not; then comes a wrong one: 4/5, 4/6.
    assert found["coverage at 80"].value == 5 / 8
    assert found["coverage at 90"].value == 0
    assert found["coverage at 80"].n == 8
    assert found["auroc"].value == (4 * 1 + 4 * 1 / 2) / 8
    assert (found["refused where unknown"].value, found["refused where unknown"].n) == (1 / 2, 2)
    assert (found["answered of answerable"].value, found["refused of unanswerable"].value) == (5 / 6, 1 / 2)


@pytest.mark.parametrize(
    ("said", "has_auroc"),
    [([RIGHT], False), ([RIGHT, RIGHT], False), ([WRONG, WRONG], False), ([NONE, NONE], False), ([RIGHT, NONE], False),
     ([RIGHT, WRONG], True), ([RIGHT, *[WRONG] * 9], True)],
)  # fmt: skip
def test_every_figure_is_a_number(said: list[Answer], has_auroc: bool) -> None:
    """Also where few answers, or all of one kind, leave nothing to tell apart, in the whole or in what is drawn of it."""
    found = figures([outcome(True, each) for each in said], seed=0)
    assert all(math.isfinite(end) for figure in found.values() for end in figure)
    assert ("auroc" in found) == has_auroc
    assert {"coverage at 80", "coverage at 90"} <= set(found)


def test_where_nothing_can_be_answered_there_is_no_coverage() -> None:
    """Who refuses all that has no answer is not told that none of it is covered."""
    found = figures([outcome(False, NONE), outcome(False, RIGHT), outcome(None, RIGHT)], seed=0)
    assert found["refused of unanswerable"].value == 1 / 2
    assert not {"coverage at 80", "coverage at 90"} & set(found)


def test_a_refusal_of_an_answerable_question_scores_nothing() -> None:
    """It is not left out of any measure of answering, so refusing what is hard does not help."""
    found = measure(QUESTIONS[0], answer("How many jets?", "abc", 0.2), paragraphs)
    for name in ("contained", "exact match", "token f1", "gold paragraph cited", "gold articles cited"):
        assert found[name] == 0


def test_a_short_answer_left_out_counts_as_wrong() -> None:
    """Giving short answers only where they are easy does not help."""
    found = measure(QUESTIONS[0], replace(ANSWERS["q1"], short_answer=None), paragraphs)
    assert (found["exact match"], found["token f1"], found["contained"]) == (0, 0, 1)


def test_a_marker_is_no_answer_and_a_printed_bracket_is_text() -> None:
    """ "[1]" is no "1" when it marks a citation; "[2]" that a publisher printed stays."""
    marked = replace(ANSWERS["q1"], text="Nine jets flew. [1] See note [2]. [1]")
    assert plain(marked) == "Nine jets flew. See note [2]."
    assert measure(replace(QUESTIONS[0], answers=("1",)), marked, paragraphs)["contained"] == 0


def test_statements_and_their_markers() -> None:
    """Markers belong to the sentence before them; a sentence without one is a statement that nothing supports."""
    cited = (cite("a", 1), cite("b", 0, marker=2))
    text = f"{cited[0].quote} [1] [2] Prices rose. It rained. [2] The end."
    assert statements(replace(answer("?", "ab", 0.5, *cited), text=text)) == [{1, 2}, set(), {2}, set()]


def test_an_llm_that_cites_nothing_scores_nothing() -> None:
    """An answer without a citation has no verbatim quote, no precision, no recall."""
    uncited = replace(ANSWERS["q1"], citations=(), text="Nine jets flew.")
    found = measure(QUESTIONS[0], uncited, paragraphs)
    assert (found["citation precision"], found["citation recall"], found["quotes verbatim"]) == (0, 0, 0)


def test_a_cited_paragraph_that_holds_the_answer_supports_it() -> None:
    """Labels are never complete: citation precision takes a gold answer in the paragraph too, "gold paragraph cited" does not."""
    question = replace(QUESTIONS[0], answers=("nobody",))
    found = measure(question, replace(ANSWERS["q1"], citations=(cite("a", 2),)), paragraphs)
    assert (found["citation precision"], found["gold paragraph cited"]) == (1, 0)


def test_a_gold_paragraph_in_a_copy_is_gold() -> None:
    """Wire copies: the cited article is another, but it, or a copy named with it, holds the gold paragraph."""
    text = ARTICLES["b"][0]
    question = EvalQuestion("q", "When?", ("Monday",), (Gold("wire", (f"LONDON - {text}",)),), "", True)
    cited = cite("b", 0)
    assert not is_gold(question, cited, paragraphs)  # not the same text, and not known to be a copy
    assert is_gold(question, replace(cited, also_in=(Copy("wire", "", ""),)), paragraphs)
    assert is_gold(replace(question, gold=(Gold("wire", (text,)),)), cited, paragraphs)


def test_a_crosshead_is_no_piece_of_a_gold_paragraph() -> None:
    """A paragraph of one word stands in many others; that does not make it gold."""
    question = EvalQuestion("q", "?", ("x",), (Gold("c", (f"Some say that {ARTICLES['c'][1]} And more.",)),), "", True)
    assert not is_gold(question, cite("c", 1), paragraphs)


def test_an_article_that_is_gone_is_not_verbatim() -> None:
    """A citation of an article that is not there is a fault of the answer, not of the evaluation."""
    (cited,) = ANSWERS["q1"].citations
    found = measure(QUESTIONS[0], replace(ANSWERS["q1"], citations=(replace(cited, article_id="gone"),)), paragraphs)
    assert (found["quotes verbatim"], found["gold paragraph cited"]) == (0, 0)


# --------------------------------------------------------------- a question with more of everything

PAIR = (
    "Two ministers left the cabinet on Friday, the office of the prime minister said in a note.",
    "They were Ann Holt and Bo Lind, who had both voted against the budget in the spring.",
)
WIDE = {"x": PAIR, "y": ("The budget had passed by four votes.",), "z": ("Holt had been a minister since 2014.",)}
WIDE_QUESTION = EvalQuestion(
    "w", "Who left?", ("Holt and Lind", "Bo Lind"), (Gold("x", PAIR[1:]), Gold("z", WIDE["z"])), "who", True,
    date(2017, 1, 18),
)  # fmt: skip


def wide(article_id: str) -> tuple[str, ...]:
    """The paragraphs of these articles."""
    return WIDE[article_id]


def seen(article_id: str, title: str = "", text: str = "") -> Evidence:
    """A passage: all of an article, or a text."""
    texts = (text,) if text else WIDE[article_id]
    spans = tuple(Span(number, 0, len(part)) for number, part in enumerate(texts))
    return Evidence(article_id, "", spans, "\n\n".join(texts), 1.0, title, "", (), None, "")


def quoting(marker: int, article_id: str, paragraph: int, quote: str = "") -> Citation:
    """A citation of a whole paragraph, or of something that it does not say."""
    whole = WIDE[article_id][paragraph]
    return Citation(marker, article_id, paragraph, quote or whole, 0, len(quote or whole), "", "", (), None, "", "")


def test_an_ellipsis_is_no_word_of_the_answer() -> None:
    """A quote of which is shown that it is cut scores as the same quote did before that was shown."""
    whole = quoting(1, "x", 1)
    cut = replace(whole, cut_before=True, cut_after=True)

    def measured(cited: Citation) -> dict[str, float]:
        text = f"{cited.shown} [1]"
        return measure(WIDE_QUESTION, Answer("Who?", "Who?", True, text, 0.5, citations=(cited,)), wide)

    assert cut.shown == f"… {whole.quote} …"
    assert measured(cut) == measured(whole)


def test_more_of_everything() -> None:
    """Two gold articles, three citations of which one supports, four statements, six passages: shares, not yes or no."""
    cited = (quoting(1, "x", 1), quoting(2, "x", 0), quoting(3, "y", 0, "The budget had passed by five votes."))
    text = f"{cited[0].quote} [1] {cited[1].quote} [2] {cited[2].quote} [3] That is all."
    filler = [seen(name, text=f"Filler {name}.") for name in "def"]
    passages = (*filler, seen("y", "Bo Lind resigns"), seen("x"), seen("z"))
    found = measure(
        WIDE_QUESTION,
        Answer("Who left?", "Who left?", True, text, 0.5, citations=cited, evidence=passages),
        wide,
    )
    expected = {
        "hit@4": 0, "hit@10": 1, "mrr@10": 1 / 5, "recall@10": 1,
        "ndcg@10": (1 / math.log2(6) + 1 / math.log2(7)) / (1 + 1 / math.log2(3)),
        "paragraph recall@10": 1, "paragraph mrr@10": 1 / 6,  # d e f y0 x0 [x1]
        "answer in best 3": 0, "answer in best 5": 1, "answer in best 10": 1,
        "answer in best 3 with headline": 0, "answer in best 5 with headline": 1,
        "citation precision": 1 / 3, "citation recall": 1 / 4,
        "gold paragraph cited": 1, "gold articles cited": 1 / 2,
        "quotes verbatim": 0, "cited in evidence": 1,
        "dated right": 1, "dated outdated": 0, "dated refused": 0,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    headline = measure(WIDE_QUESTION, answer_of(passages[:4]), wide)
    assert (headline["answer in best 5"], headline["answer in best 5 with headline"]) == (0, 1)
    lost = replace(answer_of(passages), citations=cited[:2], evidence=(seen("x", text=PAIR[0]), *filler))
    assert measure(WIDE_QUESTION, lost, wide)["cited in evidence"] == 0
    half = replace(answer_of(passages[:5]), citations=())
    assert measure(WIDE_QUESTION, half, wide)["recall@10"] == 0.5


def answer_of(passages: Sequence[Evidence]) -> Answer:
    """An answer that quotes the gold paragraph, with these passages."""
    cited = quoting(1, "x", 1)
    return Answer(
        "Who left?", "Who left?", True, f"{cited.quote} [1]", 0.5, citations=(cited,), evidence=tuple(passages)
    )


def test_best_ten_look_deeper_than_best_five() -> None:
    """The answer in the sixth passage is among the best ten and not among the best five."""
    passages = (*(seen(name, text=f"Filler {name}.") for name in "defgh"), seen("x"))
    found = measure(WIDE_QUESTION, answer_of(passages), wide)
    assert (found["answer in best 5"], found["answer in best 10"]) == (0, 1)


def test_time_counts_answerable_questions_alone() -> None:
    """A question as of a day that is unanswerable, unknown, or without gold, is none of right, outdated, refused."""
    dated = {"dated right", "dated outdated", "dated refused"}
    given = answer_of([seen("x")])
    for question in (
        replace(WIDE_QUESTION, answerable=None),
        replace(WIDE_QUESTION, answerable=False),
        replace(WIDE_QUESTION, gold=()),
        replace(WIDE_QUESTION, as_of=None),
    ):
        assert not dated & set(measure(question, given, wide))
    refusal = answer("Who left?", "", 0.2)
    found = measure(WIDE_QUESTION, refusal, wide)
    assert [found[name] for name in sorted(dated)] == [0, 1, 0]  # outdated, refused, right


def test_an_unanswerable_question_has_no_answer_in_the_best() -> None:
    """What a set gives as its "answer", such as "insufficient information", is not looked for."""
    question = replace(WIDE_QUESTION, answerable=False)
    assert not any(name.startswith("answer in best") for name in measure(question, answer_of([seen("x")]), wide))


def test_a_marker_before_the_full_stop() -> None:
    """As LLMs write it: the marker belongs to the sentence it stands in, and a full stop alone is no statement."""
    cited = (quoting(1, "x", 1), quoting(2, "y", 0))
    said = replace(answer_of([seen("x")]), citations=cited)
    assert statements(replace(said, text="Ann Holt left [1].")) == [{1}]
    assert statements(replace(said, text="Holt left [1], he said. The vote was close [1][2].")) == [{1}, {1, 2}]


def test_a_bracket_printed_in_a_quotation_is_no_marker() -> None:
    """Even when its number is that of another citation."""
    printed = replace(quoting(1, "x", 0), quote="Two ministers left.[2] They said so.")
    said = replace(answer_of([seen("x")]), citations=(printed, quoting(2, "y", 0)))
    said = replace(said, text=f"{printed.quote} [1] {WIDE['y'][0]} [2]")
    assert statements(said) == [{1}, {2}]
    assert plain(said) == f"{printed.quote} {WIDE['y'][0]}"


def test_a_piece_of_a_gold_paragraph_without_the_answer_is_not_gold() -> None:
    """A long paragraph is split at sentences: the part that holds the answer is what had to be found."""
    long = f"{PAIR[0]} {PAIR[1]}"
    question = replace(WIDE_QUESTION, gold=(Gold("x", (long,)),))
    first = measure(question, answer_of([seen("x", text=PAIR[0])]), wide)
    second = measure(question, answer_of([seen("x", text=PAIR[1])]), wide)
    assert (first["paragraph hit@1"], second["paragraph hit@1"]) == (0, 1)


def test_an_answer_in_parts_has_no_exact_match() -> None:
    """SQuAD's measures know no parts; containment does."""
    question = replace(WIDE_QUESTION, answers=(("Holt", "Lind"),))
    found = measure(question, replace(answer_of([seen("x")]), short_answer="Holt and Lind"), wide)
    assert found["contained in short answer"] == 1
    assert not {"exact match", "token f1"} & set(found)
