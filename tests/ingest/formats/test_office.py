"""Documents of offices: their text as paragraphs, or a reason."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

FIRST = "The observatory of Marl opens its dome again on Saturday, after two years of repairs."
SECOND = "Children look for nothing."


def pdf(*lines: str) -> bytes:
    """A page of these lines, in the smallest file that is one."""
    text = "BT /F1 12 Tf 72 720 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return (out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}").encode()


def test_a_word_document(tmp_path: Path) -> None:
    """Title by its style, paragraphs and tables in their order, whatever the file is called."""
    document = docx.Document()
    document.add_heading("Dome opens again", 0)
    document.add_paragraph(FIRST)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Saturday", "8 pm"
    document.add_paragraph(SECOND)
    document.core_properties.author = "Ina Rohl"
    path = tmp_path / "story"
    document.save(str(path))
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert (article.title, article.authors) == ("Dome opens again", ("Ina Rohl",))
    assert article.paragraphs == (FIRST, "Saturday | 8 pm", SECOND)


def test_a_pdf(tmp_path: Path) -> None:
    """Lines become paragraphs again, and words that were parted at the end of a line are whole."""
    path = tmp_path / "story"
    path.write_bytes(
        pdf(
            "The observatory of Marl opens its dome again on Satur-",
            "day, after two years of repairs.",
            "Children look for nothing, the astronomer Ina Rohl said, and",
            "the telescope is pointed at whatever they ask for, she said.",
        )
    )
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert article.paragraphs[0] == FIRST
    assert article.paragraphs[1].startswith(
        "Children look for nothing, the astronomer Ina Rohl said, and the telescope"
    )


@pytest.mark.parametrize(
    "data",
    [
        pdf(),
        pdf("x")[:200],
        b"%PDF-1.7\n",
        b"%PDF-1.4" + b"\xff" * 999,
        pdf("x").replace(b"72 720 Td", b"72 7 R Td"),  # a reference where there can be none: pypdf asserts that
    ],
)
def test_a_pdf_without_text_is_told(tmp_path: Path, data: bytes) -> None:
    """Scanned, cut or broken: a reject that says that it is a PDF, and not what went wrong within its parser."""
    (tmp_path / "a.pdf").write_bytes(data)
    [rejected] = read_sources([tmp_path / "a.pdf"])
    assert isinstance(rejected, Rejected)
    assert "PDF" in rejected.reason
    assert "parser" not in rejected.reason
