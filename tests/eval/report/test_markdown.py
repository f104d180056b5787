"""The report in a pull request and on the terminal."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.report.markdown import LONGEST, markdown_report, text_table
from tests.eval.reports import citation, figure, full_of, question, refused, report

WRONG: dict[str, Any] = {"right": False, "text": "Eight jets flew. [1]"}


def test_a_pull_request_shows_figures_cost_and_failures() -> None:
    """All and the splits with their intervals, one line of cost, and what went wrong with what would be right."""
    made = markdown_report(
        report(question("good"), question("bad", confidence=0.8, **WRONG), question("made up", answerable=False, right=False))
    )  # fmt: skip
    assert "| | `all` | `split june` |" in made
    assert "| hit@1 | 50.0 (25.0-75.0) | 40.0 (10.0-80.0) |" in made
    assert "| contained | 73.1 (60.0-80.0) | - |" in made
    assert "| coverage at 80 | 62.5 (37.5-75.0) | - |" in made
    assert "| auroc | 0.712 (0.550-0.850) | - |" in made
    assert (
        "Cost: `retrieve` 12 ms at p50, `total` 12 ms at p50, 812 MB of memory, 2.0 MB of index, 28.9 passages" in made
    )
    failures = made.partition("```text\n")[2]
    assert failures.startswith("wrong answer, 0.80 sure: bad\n  question: How many jets flew (bad)?\n")
    assert "  answer:   Eight jets flew. [1]\n  gold:     nine\n" in failures
    assert "answered though unanswerable, 0.50 sure: made up" in failures
    assert "(none: the archive does not say)" in failures
    assert "good" not in failures
    assert "2 questions went wrong" in made


def test_at_most_ten_failures() -> None:
    """A reviewer is shown the worst; the count says how many there are."""
    made = markdown_report(report(*(question(f"q{number}", **WRONG) for number in range(25))))
    assert made.count("wrong answer, ") == 10
    assert "25 questions went wrong" in made


def test_without_a_failure_there_is_no_block() -> None:
    """Nothing is announced that is not there; what is not known is no failure."""
    assert "```" not in markdown_report(report(question("good"), refused("unknown", None)))


def skeleton(markdown: str) -> str:
    """The Markdown without what stands in code."""
    outside, _, rest = markdown.partition("```text\n")
    inside, fence, after = rest.partition("\n```\n")
    assert fence
    assert all(line == "" or re.match(r"  \w+:|[a-z]+[ ,]", line) for line in inside.split("\n"))
    return re.sub(r"`[^`\n]+`", "`-`", outside) + after


PLAIN = skeleton(markdown_report(full_of("x")))


@settings(max_examples=60)
@given(st.text())
@example("```\n# broken out")
@example("`@everyone` | <script>")
@example("\n\n```\n<img src=x>\u2028```")
@example("\\")
@example("\ud800")
def test_data_cannot_break_out(text: str) -> None:
    """Backticks, bars, line ends, tags and mentions of any field stay inside code."""
    made = markdown_report(full_of(text))
    made.encode()
    assert skeleton(made) == PLAIN
    assert len(made) <= LONGEST


def test_it_is_short_whatever_the_data() -> None:
    """Hundreds of failures, splits with long names, long answers: still something a reviewer reads."""
    long = "long words " * 500
    made = report(
        *(
            question(f"{number} {long}", question=long, text=long, right=False, splits=[], citations=[citation(verbatim=False)],
                     gold={"answers": [long] * 5, "articles": [], "paragraphs": []})
            for number in range(50)
        ),
        name=long,
    )  # fmt: skip
    full = {name: figure(0.5, 10, 0.4, 0.6) for name in (
        "hit@1", "hit@10", "mrr@10", "paragraph hit@10", "answer in best 5", "contained", "words", "token f1", "citation precision",
        "citation recall", "gold paragraph cited", "quotes verbatim", "answered of answerable", "refused of unanswerable",
        "right of answered", "coverage at 80", "coverage at 90", "ece", "aurc", "auroc", "dated right", "dated outdated", "faithful (judged)", "correct (judged)")}  # fmt: skip
    made["figures"] = {"all": full} | {f"split {number} {long}": full for number in range(20)}
    made["cost"]["latency_ms"] = {f"{number} {long}": made["cost"]["latency_ms"]["total"] for number in range(20)}
    markdown = markdown_report(made)
    assert len(markdown) <= LONGEST
    assert markdown.count("  answer:   long words") == 10
    assert "17 more splits" in markdown


def test_the_terminal_has_a_line_for_each_figure() -> None:
    """Value and interval for all questions, the value for the parts; columns stand below each other."""
    table = text_table(report(question("one", splits=["june"]), question("two")))
    lines = table.splitlines()
    assert lines[0].split() == ["all", "split", "june"]
    assert lines[1].split() == ["questions", "2", "1"]
    assert re.split(r"  +", lines[2]) == ["hit@1", "50.0 (25.0-75.0)", "40.0"]
    assert re.split(r"  +", lines[4]) == ["contained", "73.1 (60.0-80.0)", "-"]
    assert re.split(r"  +", lines[5]) == ["words", "48 (40-55)", "-"]
    assert re.split(r"  +", lines[-1]) == ["total, ms at p50", "12"]
    assert len({len(line) for line in lines[:8]}) == 1


def test_the_table_fits_the_terminal() -> None:
    """What would not fit is left out whole and counted: broken lines cannot be read. The figures of all always stand."""
    made = report(question("one", splits=["june", "july"]), question("two"))
    wide = text_table(made).splitlines()
    broad = max(map(len, wide))
    assert text_table(made, broad).splitlines() == wide
    narrow = text_table(made, broad - 1).splitlines()
    assert narrow[-1].startswith("1 more column:")
    assert max(map(len, narrow[:-2])) < broad - 1
    assert "split june" not in text_table(made, 20)
    assert "all" in text_table(made, 20).splitlines()[0]


def test_a_group_of_any_name_keeps_its_line() -> None:
    """A name with a line end or a terminal's control characters changes nothing around it."""
    made = report(question("one"))
    made["figures"] = {"all": made["figures"]["all"], "split a\nb\x1b[31m": {}}
    assert "\x1b" not in text_table(made)
    assert text_table(made).splitlines()[0].endswith("split a b\ufffd[31m")
