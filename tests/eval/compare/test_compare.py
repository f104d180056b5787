"""Comparing two reports."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.compare.compare import (
    FEWEST_CHANGED,
    KINDS,
    Comparison,
    Difference,
    Report,
    compare,
    load_report,
    two_sided_p,
)
from eval.compare.report import LISTED, as_dict, as_markdown, as_text
from eval.formulas.calibration import aurc, auroc, coverage_at, ece
from eval.formulas.statistics import RESAMPLES
from newsdesk.errors import WrongUse
from tests.support import newsdesk


def question(id_: str, **more: Any) -> dict[str, Any]:
    """A question of a report, answered rightly unless it is said otherwise."""
    cited = {
        "marker": 1, "article_id": "a1", "paragraph": 2, "quote": "Nine jets flew.", "title": "Jets", "source": "Gazette",
        "published": "2017-01-18", "url": "", "gold": True, "verbatim": True,
    }  # fmt: skip
    whole: dict[str, Any] = {
        "id": id_, "question": f"What of {id_}?", "history": [], "type": "", "splits": [], "answerable": True, "as_of": None,
        "gold": {"answers": ["nine"], "articles": ["a1"], "paragraphs": ["Nine jets flew."]},
        "answered": True, "error": None, "mode": "extractive", "confidence": 0.5, "text": "Nine jets flew. [1]", "short_answer": None,
        "citations": [cited], "found": [], "notes": [], "right": True, "measures": {}, "timings_ms": {},
    }  # fmt: skip
    return whole | more


REFUSED = {"answered": False, "text": "The archive does not say.", "citations": [], "right": False}


def report(*questions: dict[str, Any], file: str = "file", **more: Any) -> dict[str, Any]:
    """A report of these questions."""
    data = {
        "questions": file,
        "articles": "x",
        "asked": len(questions),
        "of": len(questions),
        "seed": 0,
        "warnings": [],
    }
    subject = {"newsdesk": "0.3.0", "model": "m", "url": None, "mode": "extractive", "judge": None}
    whole = {"format": 1, "name": "made up", "subject": subject, "data": data, "questions": list(questions)}
    return whole | {"figures": {}, "curves": {}, "cost": {}} | more


def compared(a: dict[str, Any], b: dict[str, Any], seed: int = 0) -> Comparison:
    """The comparison of two reports as they are in files."""
    return compare(Report.model_validate(a), Report.model_validate(b), seed)


def measured(name: str, values: Sequence[float | None], **more: Any) -> dict[str, Any]:
    """A report whose questions have these values of a measure; None: it does not apply."""
    return report(
        *(question(f"q{n}", measures={} if value is None else {name: value}, **more) for n, value in enumerate(values))
    )


def difference(name: str, a: Sequence[float | None], b: Sequence[float | None]) -> Difference:
    """How a measure differs in all questions; whether they are right is not known, which spares what is measured of all."""
    return compared(measured(name, a, right=None), measured(name, b, right=None)).figures["all"][name]


# ------------------------------------------------------------------------------------------ figures


def test_a_difference_worked_by_hand() -> None:
    """Twelve questions: four won, one lost, seven as before."""
    a: Sequence[float | None] = [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]
    b: Sequence[float | None] = [1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0]
    found = difference("contained", a, b)
    assert (found.a, found.b, found.difference) == pytest.approx((5 / 12, 8 / 12, 3 / 12))
    assert (found.n_a, found.n_b, found.changed) == (12, 12, 5)
    assert found.mcnemar is not None
    assert (found.mcnemar.only_a, found.mcnemar.only_b) == (1, 4)
    assert found.mcnemar.p == pytest.approx(2 * (comb(5, 0) + comb(5, 1)) / 2**5)
    assert not found.beyond_noise


def test_the_interval_is_that_of_the_per_question_differences() -> None:
    """Drawn by hand with the same seed: means of per-question differences, their 2.5th and 97.5th percentile."""
    draw = random.Random(1)
    a, b = ([draw.random() for _ in range(50)] for _ in range(2))
    found = difference("token f1", a, b)
    each = np.array(b) - np.array(a)
    means = each[np.random.default_rng(0).integers(0, 50, (RESAMPLES, 50))].mean(axis=1)
    assert found.difference == pytest.approx(each.mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))
    assert found.p == pytest.approx(two_sided_p(means))
    assert found.mcnemar is None


@pytest.mark.parametrize(
    ("resamples", "p"),
    [([1.0] * 99, 0.02), ([-1.0] * 99, 0.02), ([0.0] * 99, 1.0), ([1.0] * 90 + [-1.0] * 9, 0.2), ([-1.0, 1.0], 1.0)],
)
def test_p_worked_by_hand(resamples: list[float], p: float) -> None:
    """Twice the rarer side, one added above and below the line."""
    assert two_sided_p(np.array(resamples)) == pytest.approx(p)


def test_a_measure_of_other_questions_in_b_is_compared_as_the_reports_have_it() -> None:
    """Refusing what was answered wrongly makes "right of answered" better, though no answer changed."""
    a: Sequence[float | None] = [1.0] * 20 + [0.0] * 20
    b: Sequence[float | None] = [1.0] * 20 + [None] * 20
    found = difference("right of answered", a, b)
    assert (found.a, found.b, found.n_a, found.n_b, found.changed) == (0.5, 1.0, 40, 20, 20)
    assert found.verdict == "better"
    assert found.mcnemar is not None
    assert found.mcnemar.p == 1.0


@pytest.mark.parametrize(
    ("name", "better"),
    [("contained", "better"), ("dated outdated", "worse"), ("words", "other"), ("correctness (judged)", "better")],
)
def test_what_is_better_depends_on_the_measure(name: str, better: str) -> None:
    """More is better, worse, or neither."""
    assert difference(name, [0.0] * 20, [1.0] * 20).verdict == better
    assert difference(name, [1.0] * 20, [0.0] * 20).verdict == {"better": "worse", "worse": "better"}.get(
        better, better
    )
    assert difference(name, [1.0] * 20, [1.0] * 20).verdict == ""


@pytest.mark.parametrize("name", ["contained", "token f1"])
def test_few_changes_are_never_beyond_noise(name: str) -> None:
    """A bootstrap of five questions that all got better is sure of it; a coin does that once in 16 times."""
    few, more = FEWEST_CHANGED - 1, FEWEST_CHANGED
    assert not difference(name, [0.0] * few, [1.0] * few).beyond_noise
    assert difference(name, [0.0] * more, [1.0] * more).beyond_noise


def test_one_question_has_no_interval() -> None:
    """Nothing is said of what cannot be known."""
    found = difference("contained", [0.0], [1.0])
    assert (found.low, found.high, found.p, found.beyond_noise) == (None, None, None, False)
    assert "contained" in as_text(compared(measured("contained", [0.0]), measured("contained", [1.0])))


def test_a_measure_of_one_report_only_is_left_out() -> None:
    """There is nothing to compare a judged figure with when the other run had no judge."""
    assert compared(measured("faithful (judged)", [1.0, 1.0]), measured("contained", [1.0, 0.0])).figures[
        "all"
    ].keys() == {
        "coverage at 80",
        "coverage at 90",
        "ece",
        "aurc",
    }


def test_ece_aurc_and_auroc_are_made_of_all_answers() -> None:
    """They are those of the reports; refusals, and answers of which nobody knows whether they are right, are not in them."""
    draw = random.Random(2)

    def one(number: int, honest: bool) -> dict[str, Any]:
        right = draw.random() < 0.5
        said = (0.9 if right else 0.1) if honest else draw.random()
        return question(f"q{number}", right=right, confidence=said)

    a = [one(number, honest=False) for number in range(60)]
    b = [one(number, honest=True) for number in range(60)]
    b[0] |= REFUSED
    b[1]["right"] = a[1]["right"] = None
    found = compared(report(*a), report(*b)).figures["all"]
    for name, measure in (("ece", ece), ("aurc", aurc), ("auroc", auroc)):
        for side, figure in ((a, found[name].a), (b, found[name].b)):
            shown = [each for each in side if each["answered"] and each["right"] is not None]
            confidence = np.array([each["confidence"] for each in shown])
            assert figure == pytest.approx(measure(confidence, np.array([float(each["right"]) for each in shown])))
        assert (found[name].n_a, found[name].n_b) == (59, 58)
    assert found["aurc"].verdict == found["auroc"].verdict == "better"
    low, high = found["aurc"].low, found["aurc"].high
    assert low is not None
    assert high is not None
    assert low < found["aurc"].difference < high < 0


def test_coverage_is_made_of_all_questions() -> None:
    """Those of the reports: what was refused counts as not covered, what nobody knows about does not count."""
    draw = random.Random(5)
    a = [question(f"q{n}", right=draw.random() < 0.5, confidence=draw.random()) for n in range(80)]
    b = [one | {"confidence": 0.9 if one["right"] else 0.1} for one in a]
    for number in range(10):
        a[number] |= REFUSED
    b[0] |= REFUSED | {"right": True}
    b[79]["right"] = a[79]["right"] = None
    found = compared(report(*a), report(*b)).figures["all"]
    for name, share in (("coverage at 80", 0.8), ("coverage at 90", 0.9)):
        for side, figure in ((a, found[name].a), (b, found[name].b)):
            shown = [each for each in side if each["answered"] and each["right"] is not None]
            confidence = np.array([each["confidence"] for each in shown])
            right = np.array([float(each["right"]) for each in shown])
            assert figure == pytest.approx(coverage_at(confidence, right, share, of=79))
        assert (found[name].n_a, found[name].n_b, found[name].changed) == (79, 79, 78)
        assert found[name].mcnemar is None
        assert found[name].verdict == "better"


def test_there_is_no_coverage_of_what_nothing_answers() -> None:
    """It could only be 0, in both."""
    one = report(*(question(f"q{n}", **REFUSED | {"answerable": False, "right": True}) for n in range(8)))
    assert compared(one, one).figures["all"] == {}


def test_auroc_needs_right_and_wrong_answers_in_both() -> None:
    """Where one run has only right answers, there is nothing to set beside the other's."""
    mixed = report(*(question(f"q{n}", right=n % 2 == 0) for n in range(8)))
    all_right = report(*(question(f"q{n}") for n in range(8)))
    assert "auroc" in compared(mixed, mixed).figures["all"]
    for a, b in ((mixed, all_right), (all_right, mixed), (all_right, all_right)):
        assert "auroc" not in compared(a, b).figures["all"]


@settings(max_examples=10)
@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=40))
def test_a_report_does_not_differ_from_itself(values: list[float]) -> None:
    """No difference, no change, nothing beyond noise."""
    one = measured("hit@10", values, right=None)
    found = compared(one, one)
    assert found.changes == ()
    for figure in found.figures["all"].values():
        assert (figure.difference, figure.p, figure.changed, figure.beyond_noise) == (0, 1, 0, False)


def test_chance_alone_is_rarely_marked() -> None:
    """Of sixty comparisons of runs that differ by chance alone, about three at most are marked."""
    draw = random.Random(3)
    marked = 0
    for _ in range(60):
        a, b = ([float(draw.random() < 0.6) for _ in range(80)] for _ in range(2))
        marked += difference("contained", a, b).beyond_noise
    assert marked <= 8


def test_the_same_seed_gives_the_same_numbers() -> None:
    """And another seed almost the same."""
    draw = random.Random(4)
    a, b = (measured("token f1", [draw.random() for _ in range(40)]) for _ in range(2))
    assert as_dict(compared(a, b)) == as_dict(compared(a, b))
    first, other = (compared(a, b, seed).figures["all"]["token f1"].low for seed in (0, 1))
    assert first is not None
    assert first != other
    assert first == pytest.approx(other, abs=0.05)


def test_groups_are_those_of_the_reports() -> None:
    """All, then each split, then each type; a split that the two reports draw otherwise holds what both say."""
    a = report(
        *(
            question(f"q{n}", splits=["june", "x"], type="person" if n % 2 else "", measures={"hit@1": 1.0})
            for n in range(4)
        )
    )
    b = report(*(question(f"q{n}", splits=["june"] if n else [], type="person" if n % 2 else "", measures={"hit@1": 0.0}) for n in range(4)))  # fmt: skip
    found = compared(a, b)
    assert found.sizes == {"all": 4, "split june": 3, "type (none)": 2, "type person": 2}
    assert found.figures.keys() == found.sizes.keys()


# -------------------------------------------------------------------------------- what is compared


def test_questions_that_are_not_the_same_are_left_out() -> None:
    """By id, text, history, date and gold; the comparison says how many."""
    gold = {"answers": ["ten"], "articles": [], "paragraphs": []}
    a = report(*(question(f"q{n}") for n in range(6)))
    b = report(
        question("q0"),
        question("q1", question="Something else?"),
        question("q2", gold=gold),
        question("q3", as_of="2017-01-18"),
        question("q4", history=[["a", "b"]]),
        question("q6"),
        question("q7"),
        file="other",
    )
    found = compared(a, b)
    assert (found.compared, found.left_out_a, found.left_out_b) == (1, 5, 6)
    assert "1 questions compared; left out: 5 of A and 6 of B" in as_text(found)
    assert "question files differ" in as_text(found)


def test_nothing_in_common() -> None:
    """Two reports of different folders are refused."""
    with pytest.raises(WrongUse, match=r"no question in common: “made up” has 1, “made up” has 2"):
        compared(report(question("q1")), report(question("q2"), question("q3")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read"),
        ("\udcff", "cannot be read"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "is not a report"),
        ("{}", "is not a report"),
        (report(question("q1")) | {"format": 2}, "form 1"),
        (report(question("q1")) | {"questions": 5}, "questions: Input should be a valid list"),
        (report({"id": "q1"}), r"questions\.0\.question: Field required"),
        (report(question("q1", measures={"hit@1": "yes"})), r"questions\.0\.measures\.hit@1"),
        (report(question("q1", measures={"hit@1": float("nan")})), "finite number"),
        (report(question("q1"), question("q1")), "a question twice"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    """The message names the file and what is wrong with it."""
    file = tmp_path / "a.json"
    text = content if isinstance(content, str) else json.dumps(content)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(WrongUse, match=rf"a\.json.*{said}"):
        load_report(file)


# ------------------------------------------------------------------------------------ what changed


def test_each_kind_of_change_is_found() -> None:
    """Won, lost, refused, answered, found, lost from the best ten, failed: each question once, the worst first."""
    hit, miss = {"measures": {"hit@10": 1.0}}, {"measures": {"hit@10": 0.0}}
    failed = {"error": "too long", "answered": False, "right": None, "text": "", "citations": []}
    pairs = [
        (question("same"), question("same", text="Nine of them flew. [1]")),
        (question("won", right=False), question("won")),
        (question("lost"), question("lost", right=False)),
        (question("refused"), question("refused", **REFUSED)),
        (question("answered", **REFUSED), question("answered", right=False)),
        (question("hit", **miss), question("hit", **hit)),
        (question("miss", **hit), question("miss", **miss)),
        (question("failed"), question("failed", **failed)),
        (question("asked", **failed), question("asked")),
        (question("unknown", right=None), question("unknown", right=None)),
    ]
    found = compared(report(*(a for a, _ in pairs)), report(*(b for _, b in pairs)))
    assert [(change.a.id, change.kinds) for change in found.changes] == [
        ("lost", ("lost",)),
        ("refused", ("lost", "refused")),
        ("won", ("won",)),
        ("answered", ("answered",)),
        ("miss", ("hit lost",)),
        ("hit", ("hit won",)),
        ("failed", ("failed",)),
        ("asked", ("asked",)),
    ]
    said = as_text(found)
    assert [said.index(KINDS[kind]) for kind in ("lost", "won", "hit lost", "hit won", "failed")] == sorted(
        said.index(KINDS[kind]) for kind in ("lost", "won", "hit lost", "hit won", "failed")
    )
    assert "too long" in said


def test_a_change_can_be_understood_from_what_is_written() -> None:
    """The question, the gold answers, both answers and both citations."""
    other = {
        "article_id": "a9",
        "paragraph": 0,
        "quote": "Ten ships.",
        "title": "Ships",
        "source": "Mail",
        "published": None,
        "gold": False,
    }
    a = report(question("q1", as_of="2017-01-18"))
    b = report(
        question("q1", as_of="2017-01-18", right=False, text="Ten ships. [1]", confidence=0.25, citations=[other])
    )
    for said in (as_text(compared(a, b)), json.dumps(as_dict(compared(a, b)), ensure_ascii=False)):
        for part in (
            "What of q1?",
            "2017-01-18",
            "nine",
            "Nine jets flew. [1]",
            "Ten ships. [1]",
            "0.25",
            "Jets",
            "Ships",
            "a9",
            "Mail",
        ):
            assert part in said
    assert "B cites: “Ten ships.” Ships, Mail, a9#p0, not gold" in as_text(compared(a, b))


def test_long_lists_are_cut_for_people_only() -> None:
    """A thousand lost questions are counted, some are told, and the JSON has all."""
    a = report(*(question(f"q{n}", text="word " * 1_000) for n in range(100)))
    b = report(*(question(f"q{n}", right=False) for n in range(100)))
    found = compared(a, b)
    assert as_text(found).count("gold: ") == LISTED
    assert f"... and {100 - LISTED} more" in as_text(found)
    assert f"... and {100 - LISTED} more" in as_markdown(found)
    assert max(map(len, as_text(found).splitlines())) < 1_000
    assert len(as_dict(found)["changes"]) == 100


def test_how_many_are_compared_at_once_is_said() -> None:
    """Who reads twenty marks in a table of four hundred is told what they are worth."""
    found = compared(measured("hit@1", [0.0, 1.0]), measured("hit@1", [1.0, 1.0]))
    assert found.tests == 5
    for said in (as_text(found), as_markdown(found)):
        assert "5 differences are tested at once" in said
        assert "none corrected" in said


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_texts_of_the_archive_stay_texts(text: str) -> None:
    """Nothing in them is a command to a terminal, markup, a link or a mention; each stays within its line."""
    cited = question("x")["citations"][0] | {"quote": text, "title": text}
    a = report(question("q", question=f"?{text}", text=text, splits=[text], citations=[cited]))
    b = report(question("q", question=f"?{text}", text=text, splits=[text], citations=[cited], right=False))
    found = compared(a, b)
    said = as_text(found)
    assert all(character.isprintable() or character == "\n" or ord(character) > 0x9F for character in said)
    assert len(said.split("\n")) == len(as_text(compared(_plain(a), _plain(b))).split("\n"))
    data = [line for line in as_markdown(found).splitlines() if not line.startswith("|")]
    assert not any(sign in line.lstrip("- #*").rstrip("*") for line in data for sign in "<>`[]@|\\_*")


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """The same report with harmless texts."""
    cited = [question("x")["citations"][0]]
    plain = {"question": "?", "text": "x", "splits": ["x"], "citations": cited}
    return content | {"questions": [each | plain for each in content["questions"]]}


# ---------------------------------------------------------------------------------------- the command


def test_the_command(tmp_path: Path) -> None:
    """Table, JSON and Markdown; the exit code is 0 also when all got worse."""
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    a.write_text(json.dumps(measured("contained", [1.0] * 20)))
    b.write_text(json.dumps(measured("contained", [0.0] * 20, right=False)))
    done = newsdesk("eval", "compare", a, b, "--json", tmp_path / "c.json", "--markdown", tmp_path / "c.md")
    assert done.returncode == 0, done.stderr
    assert "WORSE *" in done.stdout
    assert json.loads((tmp_path / "c.json").read_text())["figures"]["all"]["contained"]["verdict"] == "worse"
    assert (tmp_path / "c.md").read_text().startswith("## Comparison\n")
    printed = newsdesk("eval", "compare", a, b, "--json", "-", "--seed", 1)
    assert json.loads(printed.stdout)["seed"] == 1


def test_wrong_use_of_the_command(tmp_path: Path) -> None:
    """A file that is not there and a folder that is not there are named, with exit code 2, before any work."""
    done = newsdesk("eval", "compare", tmp_path / "nowhere.json", tmp_path / "nowhere.json")
    assert done.returncode == 2
    assert "nowhere.json cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    done = newsdesk("eval", "compare", "a", "b", "--markdown", tmp_path / "no" / "c.md")
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
