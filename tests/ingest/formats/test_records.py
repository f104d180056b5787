"""Files of records: JSON as one value, and tables."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from ingest.parts.fields import mapping_of
from ingest.parts.limits import MAX_BYTES
from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

RECORDS = [{"id": str(n), "title": f"Story {n}", "text": f"The mill of Orm burnt {n} times.", "published": "2021-05-03"} for n in range(3)]  # fmt: skip


def read(folder: Path, content: str | bytes, name: str, fields: str = "") -> list[Article | Rejected]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_sources([path], mapping=mapping_of(fields) or None))


def ids(items: list[Article | Rejected]) -> list[str]:
    assert all(isinstance(item, Article) for item in items), items
    return [item.id for item in items]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "wrap", ["{}", '{{"status": "ok", "articles": {}}}', '{{"response": {{"results": {}}}}}', "\ufeff  {}\n"]
)
@pytest.mark.parametrize("name", ["export.json", "export", "export.json.gz", "export.jsonl"])
def test_articles_in_one_json_value(tmp_path: Path, indent: int | None, wrap: str, name: str) -> None:
    """A list, or an object with the list under a usual name, printed on one line or on many."""
    if name == "export.jsonl" and not wrap.endswith(("{}", "\n")):
        pytest.skip("the name says that each line is an article")
    content = wrap.format(json.dumps(RECORDS, indent=indent)).encode()
    assert ids(read(tmp_path, gzip.compress(content) if name.endswith("gz") else content, name)) == ["0", "1", "2"]


def test_one_article_printed_on_many_lines(tmp_path: Path) -> None:
    """An object that is an article is one, whatever lists it holds beside its text."""
    record = RECORDS[1] | {"results": [{"text": "No."}]}
    assert ids(read(tmp_path, json.dumps(record, indent=1), "one.json")) == ["1"]


def test_a_long_list_is_read_piece_by_piece(tmp_path: Path) -> None:
    """Items that lie across the pieces that are read arrive whole."""
    records = [{"id": str(n), "text": f"{n} " + "ö" * 3_000} for n in range(400)]
    assert ids(read(tmp_path, json.dumps(records, ensure_ascii=False), "long.json")) == [str(n) for n in range(400)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (json.dumps(RECORDS)[:-30], "is not JSON"),
        ("[" + json.dumps(RECORDS[0]) + ", oops]", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (b'[{"text": "\xff"}]', "is not UTF-8"),
        (b'[{"text": "' + b"a" * (2 * MAX_BYTES) + b'"}]', "longer than 16 MiB"),
        ("[]", "is an empty list"),
        ('{"a": 1}', "has no field with the text; there is “a”"),
        ("{", "is not JSON"),
        ("[1]", "is a number"),
    ],
)
def test_a_broken_list_keeps_what_came_before(tmp_path: Path, content: str | bytes, reason: str) -> None:
    """The last thing told is where it breaks off, and why."""
    *articles, last = read(tmp_path, content, "broken.json")
    ids(articles)
    assert isinstance(last, Rejected)
    assert reason in last.reason


HEAD = "id,headline,body,date,publisher"
ROWS = '7,Mill burnt,"The mill of Orm burnt down.\n\nNobody was hurt, ""not even the cat"".",3 May 2021,Orm Post'
MILL = ("The mill of Orm burnt down.", 'Nobody was hurt, "not even the cat".')


@pytest.mark.parametrize("name", ["t.csv", "t", "t.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_of_articles(tmp_path: Path, name: str, encoding: str) -> None:
    """Cells with line breaks and quotation marks, in the encodings that spreadsheets write."""
    if name == "t" and encoding in ("utf-16", "cp1252"):
        pytest.skip("without a name only UTF-8 is known for text")
    content = f"{HEAD}\r\n{ROWS.replace('Orm Post', 'Örm Post')}\r\n".encode(encoding)
    [article] = read(tmp_path, gzip.compress(content) if name.endswith("gz") else content, name)
    assert isinstance(article, Article)
    assert (article.id, article.title, article.paragraphs) == ("7", "Mill burnt", MILL)
    assert (article.published, article.source) == (date(2021, 5, 3), "Örm Post")


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_marks_between_cells(tmp_path: Path, mark: str) -> None:
    """Semicolon, tab and bar part cells as well."""
    assert ids(read(tmp_path, f"id{mark}title{mark}text\n9{mark}Mill{mark}It burnt, they say.\n", "t.csv")) == ["9"]


def test_a_row_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """A row with too many cells is a reject with its line; blank ones are passed over, short ones read."""
    first, rejected, last = read(tmp_path, "id,text,title\n1,One.\n\n,,\n2,Two.,x,y,z\n3,Three.,x\n", "t.csv")
    assert (first.id, last.id) == ("1", "3")
    assert isinstance(rejected, Rejected)
    assert rejected.origin.endswith("t.csv:5")
    assert "5 cells" in rejected.reason


def test_a_table_needs_a_text(tmp_path: Path) -> None:
    """The reason names the columns and which would do, and no option; with the right one named, it is read."""
    content = "nr,überschrift,inhalt\n1,Mühle,Die Mühle brannte.\n"
    [rejected] = read(tmp_path, content, "t.csv")
    assert isinstance(rejected, Rejected)
    assert "“inhalt”" in rejected.reason
    assert "usual names are text, body" in rejected.reason
    assert "--" not in rejected.reason
    [article] = read(tmp_path, content, "t.csv", "id=nr,title=überschrift,text=inhalt")
    assert isinstance(article, Article)
    assert (article.id, article.title) == ("1", "Mühle")


@pytest.mark.parametrize(("column", "mapping"), [("inhoud", "text=inhoud"), ("Body", "")])
def test_an_empty_cell_is_told_as_such(tmp_path: Path, column: str, mapping: str) -> None:
    """Its column is known, so there is nothing to be named: neither in a table nor in lines of JSON."""
    table = f"kop,{column}\nKanaal,Het kanaal is dicht.\nBrug,\n"
    _, cell = read(tmp_path, table, "t.csv", mapping)
    _, line = read(tmp_path, f'{{"kop": "A", "{column}": "B."}}\n{{"kop": "C", "{column}": " "}}\n', "t.jsonl", mapping)
    for rejected in (cell, line):
        assert isinstance(rejected, Rejected)
        assert rejected.reason == f"has no text: “{column}” is empty"


def test_a_line_without_end_is_not_held_in_memory(tmp_path: Path) -> None:
    """A table whose line is longer than any article ends in a reject."""
    *_, last = read(tmp_path, b"title,text\nx," + b"a" * (MAX_BYTES + 9), "t.csv")
    assert isinstance(last, Rejected)
    assert "longer than" in last.reason or "field larger" in last.reason


STORY = "The weir at Lower Bramley gave way on Sunday night after a week of rain."


def test_rows_that_are_too_short_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """How many, and where the first is; a broken line in a table must not go unseen."""
    (tmp_path / "a.csv").write_text(f"title,text,source\nOne,{STORY},Post\nTwo,{STORY}\nThree,{STORY}\n\n")
    assert len(list(read_sources([tmp_path / "a.csv"]))) == 3
    assert caplog.text.count("2 of its rows have fewer than the 3 cells") == 1
    assert "line 3 and has 2" in caplog.text


def test_a_name_that_no_record_has_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A slip in --map would lose a field of every article without a word."""
    (tmp_path / "a.csv").write_text(f"title,text\nOne,{STORY}\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"kopf": {"zeile": "Two"}, "text": STORY}) + "\n")
    assert len(list(read_sources([tmp_path], mapping=mapping_of("title=kopf.zeile")))) == 2
    assert "a.csv: --map says title=kopf.zeile, but no record" in caplog.text
    assert "b.jsonl: --map" not in caplog.text


def test_records_of_many_shapes_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each name that was taken for a field once a file, whatever else the records hold."""
    records = [{"headline": f"{n}", "body": STORY, f"extra{n}": 1} | ({"link": "https://a.example/"} if n > 5 else {})
               for n in range(20)]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert len(list(read_sources([tmp_path / "a.jsonl"]))) == 20
    assert caplog.text.count("for the title") == 1
    assert caplog.text.count("“link” for the url") == 1
    assert len(caplog.records) == 2
