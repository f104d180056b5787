"""Pages that a browser saved as one file, and stories that came by mail."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

STORY = "Der Hafen von Größing bleibt zu, sagte die Hafenmeisterin am Freitag dem Stadtrat."
PAGE = f"<html><head><title>Hafen zu</title></head><body><article><p>{STORY}</p><p>{STORY} Schiffe warten.</p></article></body></html>"


def saved(charset: str = "utf-8") -> bytes:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = "https://hafen.example/zu"
    message["Subject"] = "Hafen zu"
    message.set_content(PAGE, subtype="html", charset=charset, cte="quoted-printable")
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png")
    return message.as_bytes()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252"])
@pytest.mark.parametrize("name", ["page.mhtml", "page.mht", "page"])
def test_a_page_saved_as_one_file(tmp_path: Path, charset: str, name: str) -> None:
    """The story, in the encoding that its part names, under the address from which it was saved."""
    path = tmp_path / name
    path.write_bytes(saved(charset))
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert (article.title, article.paragraphs[0], article.url) == ("Hafen zu", STORY, "https://hafen.example/zu")


def test_a_story_that_came_by_mail(tmp_path: Path) -> None:
    """Subject, sender, day and text of a mail."""
    message = EmailMessage()
    message["From"] = "Ina Rohl <ina@wire.example>"
    message["Subject"] = "Hafen von Größing zu"
    message["Date"] = "Mon, 03 May 2021 23:30:00 -0500"
    message["Message-ID"] = "<7@wire.example>"
    message.set_content(f"{STORY}\n\nSchiffe warten.\n")
    (tmp_path / "story.eml").write_bytes(message.as_bytes())
    assert list(read_sources([tmp_path / "story.eml"])) == [
        Article(
            id="7@wire.example",
            title="Hafen von Größing zu",
            paragraphs=(STORY, "Schiffe warten."),
            authors=("Ina Rohl",),
            published=date(2021, 5, 3),
            language="de",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "MIME-Version: 1.0\nContent-Type: image/png\n\nx",
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n",
        "MIME-Version: 1.0\nContent-Type: text/html; charset=none-such\nContent-Transfer-Encoding: base64\n\n!!!!",
    ],
)
def test_a_mail_without_story_is_told(tmp_path: Path, text: str) -> None:
    """Pictures, nothing and damage are rejects."""
    (tmp_path / "m").write_text(text)
    [rejected] = read_sources([tmp_path / "m"])
    assert isinstance(rejected, Rejected)


@pytest.mark.parametrize(
    "field",
    ["Date: Fri, 03 May 2024 09:00:00 +" + "9" * 40, "Date: Fri, 99 May 2024", "From: <a@[b", "Message-ID: <<@>"],
)
def test_a_damaged_field_does_not_cost_the_story(tmp_path: Path, field: str) -> None:
    """The text and the fields that can be read are kept."""
    path = tmp_path / "a.eml"
    path.write_text(f"{field}\nSubject: Hafen zu\nMIME-Version: 1.0\nContent-Type: text/plain\n\n{STORY}\n")
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert (article.title, article.paragraphs) == ("Hafen zu", (STORY,))
    assert article.published is None
