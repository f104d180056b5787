"""Broken letters and entities: mended where they are surely broken, and never where they are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.jsonl import read_jsonl
from ingest.parts.clean import one_line, paragraphs_of
from ingest.parts.repair import mended, without_entities
from newsdesk.types import Article
from tests.support import SAMPLE

RIGHT = (
    "Le café de l’île a rouvert à Noël.",
    "Die Straße über den Fluß führt nach Großräschen – für 30 € im Jahr.",
    "Сотрудники РСФСР и СССР встретились в Ростове.",
    "Τα νησιά του Αιγαίου",
    "北京的图书馆重新开放。",
    "افتتح الجسر",
    "Željko Šarčević iz Čačka",
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [*((right, wrong) for right in RIGHT for wrong in ("latin-1", "cp1252")), (RIGHT[2], "cp1251")],
)
def test_what_was_read_in_a_wrong_encoding_is_read_right(right: str, wrong: str) -> None:
    """Whatever the language, where every byte came through; Russian also in its own wrong one."""
    try:
        broken = right.encode().decode(wrong)
    except UnicodeDecodeError:
        pytest.skip("this encoding has no letter for some of its bytes")
    if "\xa0" in broken or "\x85" in broken or "\xad" in broken:
        pytest.skip("holds a byte that is white space or invisible")
    assert mended(broken) == right


@pytest.mark.parametrize(
    "text",
    [
        *RIGHT,
        "SÃO PAULO: PREÇO DO CAFÉ CAI",
        "The “Ångström–Öresund” line — 5 €, ±3 °C, ½ cup",
        "“Ñandú” y «âme»… ¿qué? ¡ÂÊÎ!",
        "VOILÀ… L’ÉTÉ À “LA CÔTE D’AZUR”",
        "naïve à 100 %",
        "Ông Nguyễn Văn Bình ở Hà Nội",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    """Accents, capitals and typographic signs beside each other are no fault."""
    assert mended(text) == text


def test_lost_apostrophes_come_back() -> None:
    """Signs of Windows-1252 that were taken for control characters."""
    assert one_line("The mayor\x92s \x93last\x94 word") == "The mayor’s “last” word"
    assert paragraphs_of("Une tasse de cafÃ©\n\nQuite right") == ("Une tasse de café", "Quite right")


def test_no_article_of_the_sample_is_changed() -> None:
    """They are right as they are, entities and all."""
    for article in read_jsonl(SAMPLE / "articles.jsonl"):
        assert isinstance(article, Article)
        for text in (article.title, *article.paragraphs):
            assert mended(text) == without_entities(text) == text


@given(st.text(st.characters(max_codepoint=0x2FFF)))
def test_mending_ends(text: str) -> None:
    """Any text can be given, a mended one is not mended further, and plain English never is."""
    once = mended(text)
    assert mended(once) == once or len(mended(once)) < len(once)
    assert mended(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Marks &amp; Partners", "Marks & Partners"),
        ("The harbour&#8217;s new pier", "The harbour’s new pier"),
        ("&quot;Never&quot;, she said", '"Never", she said'),
        ("Caf&eacute; &#x2013; open", "Café – open"),
        ("R&D; S&P", "R&D; S&P"),
        ("x &unknown; y", "x &unknown; y"),
        ("Write &amp; for & in <b>HTML</b>", "Write &amp; for & in <b>HTML</b>"),
    ],
)
def test_entities_in_plain_text_are_signs(text: str, right: str) -> None:
    """Those that there are, with their semicolon; not where the text tells of markup."""
    assert without_entities(text) == right
