"""How well the story of a web page is found: `python -m eval.run.extraction FOLDER`.

FOLDER is article-extraction-benchmark as its authors publish it: `ground-truth.json` and `html/NAME.html.gz`. The
measure is theirs: runs of four words, counted; precision and recall of each page, and the means of both over the pages
(of precision over those where something was found). Headline and day are compared with the pages' own metadata.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import mean

from eval.run.own_words import days_agree, headlines_agree, own_words
from ingest.files import read_whole
from ingest.formats.html import decoded_page, read_html
from newsdesk.errors import Unreadable
from newsdesk.types import Article

_WORD = re.compile(r"\w+")
_RUN = 4


@dataclass(frozen=True, slots=True)
class Score:
    """Of one page: how much of what was found belongs to the story, and how much of the story was found."""

    precision: float | None
    recall: float


def runs(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words in `text`, or all its words where they are fewer."""
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1))) if words else Counter()


def score(story: str, found: str) -> Score:
    """Compares what was found with the story as a person marked it."""
    true, given = runs(story), runs(found)
    right = (true & given).total()
    return Score(right / given.total() if given else None, right / true.total() if true else 1.0)


def summary(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Mean precision, mean recall, and their harmonic mean; zeros where nothing was found."""
    found = [each.precision for each in scores if each.precision is not None]
    precision, recall = (mean(found) if found else 0.0), mean([each.recall for each in scores] or [0.0])
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def is_in_first_half(name: str) -> bool:
    """Whether a page is one of those to choose by; the others only score."""
    return sha256(name.encode()).digest()[-1] % 2 == 0


def read_pages(folder: Path, truth: Mapping[str, object]) -> dict[str, Article | None]:
    """The articles of the pages; None where none was found."""
    pages: dict[str, Article | None] = {}
    for name in sorted(truth):
        try:
            pages[name] = read_html(folder / "html" / f"{name}.html.gz")
        except Unreadable:
            pages[name] = None
    return pages


def print_agreement(folder: Path, present: Mapping[str, Article], name_others: bool) -> None:
    """How many headlines and days are those of the pages' own metadata; on request those that are not, side by side."""
    said = {name: own_words(decoded_page(read_whole(folder / "html" / f"{name}.html.gz"))) for name in present}
    for label, found in (("headline", headlines_agree(present, said)), ("day", days_agree(present, said))):
        print(f"{label}: {found.same} of {found.pages} pages whose metadata name one")
        for name in found.other if name_others else ():
            page, own = present[name], said[name]
            pair = (page.title, own.headlines) if label == "headline" else (page.published, [*map(str, own.days)])
            print(f"{name[:12]}  {pair[0]}  not {pair[1]}  {page.url}")


def main() -> None:
    """Prints the figures for all pages and for each half, and on request the pages that lose most or say otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="name so many pages that lose most")
    parser.add_argument("--others", action="store_true", help="name the pages with another headline or day")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    truth = json.loads((given.folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = read_pages(given.folder, truth)
    scores = {
        name: score(truth[name]["articleBody"], "\n\n".join(page.paragraphs) if page else "")
        for name, page in pages.items()
    }
    halves = (
        ("all", list(scores.values())),
        ("first half", [each for name, each in scores.items() if is_in_first_half(name)]),
        ("second half", [each for name, each in scores.items() if not is_in_first_half(name)]),
    )
    print(f"{'':12}  pages  precision  recall     F1")
    for label, half in halves:
        precision, recall, f1 = summary(half)
        print(f"{label:12}  {len(half):5}     {precision:.4f}  {recall:.4f}  {f1:.4f}")
    present = {name: page for name, page in pages.items() if page}
    print(f"with a headline: {len(present)}, with a day: {sum(bool(page.published) for page in present.values())}")
    print_agreement(given.folder, present, given.others)
    for name in sorted(scores, key=lambda name: min(scores[name].precision or 0, scores[name].recall))[: given.worst]:
        print(
            f"{name[:12]}  {scores[name].precision or 0:.2f}  {scores[name].recall:.2f}  {truth[name].get('url', '')}"
        )


if __name__ == "__main__":
    main()
