"""The language of articles that do not say it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.parts.language import with_language
from ingest.sources import read_sources
from newsdesk.types import Article
from tests.support import ROOT, environment

TEXTS = {
    "en": "The ferry between the islands will stop in November because its engine has to be replaced.",
    "de": "Die Fähre zwischen den Inseln fällt im November aus, weil ihr Motor ausgetauscht werden muss.",
    "es": "El ferry entre las islas dejará de circular en noviembre porque hay que cambiar el motor.",
    "fr": "Le bac entre les îles ne circulera pas en novembre, car son moteur doit être remplacé.",
    "ru": "Паром между островами не будет ходить в ноябре, потому что нужно заменить двигатель.",
    "ar": "ستتوقف العبارة بين الجزر في نوفمبر لأن محركها يحتاج إلى استبدال كما قالت الشركة.",
    "zh": "由于需要更换发动机，岛屿之间的渡轮将于十一月停运，公司表示乘客可以乘坐飞机。",
    "ja": "エンジンの交換が必要なため、島々を結ぶフェリーは十一月に運休すると会社が発表した。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_or_two_tells_the_language(language: str) -> None:
    """As a code of two letters."""
    assert with_language(Article("a", "", (TEXTS[language],))).language == language


def test_a_declared_language_goes_first(tmp_path: Path) -> None:
    """Whatever the text looks like; and one that is told is stored with the article."""
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"id": "1", "text": TEXTS["es"], "language": "gl-ES"})
        + "\n"
        + json.dumps({"text": TEXTS["es"]})
        + "\n"
    )
    assert [item.language for item in read_sources([tmp_path]) if isinstance(item, Article)] == ["gl-ES", "es"]


def test_what_is_too_short_stays_unknown() -> None:
    """A guess would be worse than none."""
    for text in ("Tor", "12:0", "Die", "Hotel Bar", "???", "4 7 9 2"):
        assert with_language(Article("a", "", (text,))).language == "", text


def test_who_only_asks_does_not_wait_for_it() -> None:
    """Neither the commands nor the readers load the model, or what mends texts, before a text needs it."""
    code = (
        "import sys, app.commands.main, ingest.sources, index.engine, api.intake\n"
        "print([name for name in ('py3langid', 'ftfy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
