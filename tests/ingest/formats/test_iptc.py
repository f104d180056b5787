"""Wire formats: headline, day, authors and text of every version, and what a sender says about the use of an item."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources import read_sources
from newsdesk.types import Article, HeldArticle, Rejected, Withdrawn

LEAD = "The tram bridge of Varn reopens on Monday, the council said."
SECOND = "It had been closed since a lorry hit its parapet."
HTML = f"<section><h1>Tram bridge reopens</h1><p>{LEAD}</p><p>{SECOND}</p></section>"
ONE = {"uri": "urn:wire:1", "type": "text", "versioncreated": "2021-05-03T09:00:00Z", "pubstatus": "usable", "headline": "Tram bridge reopens", "byline": "By Ina Rohl and Sam d'Osei", "language": "en-GB", "infosource": [{"name": "Varn Wire"}]}  # fmt: skip
TWO = {"uri": "urn:wire:1", "firstcreated": "2021-05-03T09:00:00Z", "headlines": [{"role": "short", "value": "Tram"}, {"role": "main", "value": "Tram bridge reopens"}], "by": "By Ina Rohl and Sam d'Osei", "language": "en-GB", "infosources": [{"name": "Varn Wire"}]}  # fmt: skip
THREE = {"uri": "urn:wire:1", "standard": {"name": "ninjs", "version": "3.0"}, "firstCreated": "2021-05-03T09:00:00Z", "pubStatus": "usable", "headlines": [{"role": "main", "value": "Tram bridge reopens"}], "by": "By Ina Rohl and Sam d'Osei", "language": "en", "copyrightHolder": "Varn Wire"}  # fmt: skip
NITF = f"""<nitf><head><docdata management-status="usable"><date.issue norm="20210503T090000Z"/><doc-id id-string="urn:wire:1"/>
<doc.copyright holder="Varn Wire"/></docdata></head><body xml:lang="en"><body.head><hedline><hl1>Tram bridge reopens</hl1></hedline>
<byline>By <person>Ina Rohl</person> and <person>Sam d'Osei</person>, <byttl>reporters</byttl></byline></body.head>
<body.content><p>{LEAD}</p><media><media-caption>A tram</media-caption></media><p>{SECOND}</p></body.content></body></nitf>"""
G2 = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:wire:1" version="3" xml:lang="en-GB">
<rightsInfo><copyrightHolder><name>Varn Wire</name></copyrightHolder></rightsInfo>
<itemMeta><itemClass qcode="ninat:{kind}"/><provider qcode="x:VW"/><versionCreated>2021-05-09T09:00:00Z</versionCreated>{more}</itemMeta>
<contentMeta><contentCreated>2021-05-03T09:00:00Z</contentCreated><creator><name>Ina Rohl</name></creator>
<creator><name>Sam d'Osei</name></creator><headline>Tram bridge reopens</headline></contentMeta>
<contentSet>{content}</contentSet></newsItem>"""
XHTML = f'<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{HTML}</body></html></inlineXML>'
DATA = f'<inlineData contenttype="text/plain">{LEAD}\n\n{SECOND}</inlineData>'
ONE_G1 = f"""<NewsML><Catalog/><NewsItem><Identification><NewsIdentifier><ProviderId>varnwire.example</ProviderId>
<PublicIdentifier>urn:wire:1</PublicIdentifier></NewsIdentifier></Identification><NewsManagement><FirstCreated>20210503T090000Z</FirstCreated>
<Status FormalName="Usable"/></NewsManagement><NewsComponent><NewsLines><HeadLine>Tram bridge reopens</HeadLine>
<ByLine>By Ina Rohl and Sam d'Osei</ByLine></NewsLines><AdministrativeMetadata><Provider><Party FormalName="Varn Wire"/></Provider>
</AdministrativeMetadata><DescriptiveMetadata><Language FormalName="en"/></DescriptiveMetadata><ContentItem><DataContent>{HTML}
</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""


def read(folder: Path, content: object, name: str = "item") -> list[Article | Rejected]:
    """What a file with this content gives, an object as JSON."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return list(read_sources([path]))


def g2(content: str, more: str = "", kind: str = "text") -> str:
    return G2.format(content=content, more=more, kind=kind)


@pytest.mark.parametrize(
    "content",
    [
        ONE | {"body_xhtml": HTML, "body_text": "x"},
        ONE | {"body_text": f"{LEAD}\n\n{SECOND}"},
        TWO | {"bodies": [{"role": "text", "contenttype": "text/plain", "value": "x"}, {"role": "main", "contenttype": "text/html", "value": HTML}]},
        THREE | {"bodies": [{"role": "html", "contentType": "text/html", "value": HTML}]},
        THREE | {"bodies": [{"role": "text", "contentType": "text/plain", "value": "x"}, {"role": "nitf", "contentType": "text/vnd.IPTC.NITF", "value": NITF}]},
        g2(XHTML),
        g2(DATA),
        g2(f'<inlineXML contenttype="application/nitf+xml">{NITF}</inlineXML>'),
        f'<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{g2(XHTML)}</itemSet></newsMessage>',
        NITF,
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a wire -->\n{NITF}',
        ONE_G1,
    ],
)  # fmt: skip
def test_every_version_gives_the_same_article(tmp_path: Path, content: object) -> None:
    """Whatever a version calls, nests or capitalises: id, headline, paragraphs, outlet, authors, day and language."""
    [item] = read(tmp_path, content)
    assert isinstance(item, Article)
    assert replace(item, edition=0, modified="") == (
        Article(
            id="urn:wire:1",
            title="Tram bridge reopens",
            paragraphs=(LEAD, SECOND),
            source="Varn Wire",
            authors=("Ina Rohl", "Sam d'Osei"),
            published=date(2021, 5, 3),
            language="en",
        )
    )


@pytest.mark.parametrize(
    ("content", "edition", "modified"),
    [
        (ONE | {"version": "4", "body_xhtml": HTML}, 4, "2021-05-03T09:00:00Z"),
        (THREE | {"version": "2", "versionCreated": "2021-05-03T11:30:00+02:00", "bodies": [{"role": "html", "value": HTML}]}, 2, "2021-05-03T09:30:00Z"),
        (g2(XHTML), 3, "2021-05-09T09:00:00Z"),
        (NITF.replace("<doc-id", '<du-key version="5"/><doc-id').replace("</head>", '<revision-history norm="20210504T080000Z"/></head>'), 5, "2021-05-04T08:00:00Z"),
        (ONE_G1.replace("</PublicIdentifier>", "</PublicIdentifier><RevisionId>6</RevisionId>").replace("<Status", "<ThisRevisionCreated>20210505T070000Z</ThisRevisionCreated><Status"), 6, "2021-05-05T07:00:00Z"),
        (ONE | {"version": "2.0-rc", "versioncreated": "soon", "body_xhtml": HTML}, 0, ""),
    ],
)  # fmt: skip
def test_a_wire_says_which_version_it_is(tmp_path: Path, content: object, edition: int, modified: str) -> None:
    """Its number and when it was made, in UTC, so that an older one that comes late replaces nothing; of a kill too."""
    [item] = read(tmp_path, content)
    assert isinstance(item, Article)
    assert (item.edition, item.modified) == (edition, modified)
    if isinstance(content, dict):
        [kill] = read(tmp_path, content | {"pubstatus": "canceled", "pubStatus": "canceled"})
        assert isinstance(kill, Withdrawn)
        assert (kill.edition, kill.modified) == (edition, modified)


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.json", "wire"])
def test_ninjs_is_known_by_its_fields(tmp_path: Path, name: str) -> None:
    """One item a line, or a list of them: each is read as ninjs, whatever the file is called."""
    items = [ONE | {"uri": f"urn:wire:{n}", "body_xhtml": HTML} for n in range(3)]
    content = "\n".join(map(json.dumps, items)) if name.endswith("l") else json.dumps(items, indent=1)
    assert [item.id for item in read(tmp_path, content, name)] == ["urn:wire:0", "urn:wire:1", "urn:wire:2"]


def test_the_agency_behind_the_name_signs_too(tmp_path: Path) -> None:
    """A byline in the item's language names person and agency."""
    [article] = read(tmp_path, ONE | {"byline": "Von Ina Rohl, dpa", "language": "de", "body_xhtml": HTML})
    assert isinstance(article, Article)
    assert (article.authors, article.agency) == (("Ina Rohl", "dpa"), "dpa")


@pytest.mark.parametrize(
    "content",
    [
        ONE | {"pubstatus": "canceled", "body_xhtml": HTML},
        THREE | {"pubStatus": "cancelled", "bodies": [{"role": "html", "value": HTML}]},
        g2(XHTML, '<pubStatus qcode="stat:canceled"/>'),
        NITF.replace("usable", "canceled"),
        ONE_G1.replace('"Usable"', '"Canceled"'),
    ],
)
def test_a_kill_withdraws_the_article(tmp_path: Path, content: object) -> None:
    """An item that its sender cancelled is none, and takes the article of the same id with it."""
    [item] = read(tmp_path, content)
    assert isinstance(item, Withdrawn)
    assert item.id == "urn:wire:1"
    assert "withdrawn by its sender" in item.reason


LATER = f"{date.today() + timedelta(days=2)}T00:00:00+00:00"  # of a day, so that every process collects the same tests


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (ONE | {"embargoed": "when the king is back", "body_xhtml": HTML}, "cannot be read"),
        (ONE | {"type": "picture"}, "kind “picture”"),
        (g2(XHTML, kind="video"), "kind “video”"),
        (ONE, "no text in it"),
        (g2('<inlineXML contenttype="application/sportsml+xml"><score>3</score></inlineXML>'), "no text in it"),
        ('<planningItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="a"/>', "plans a coverage"),
        ("<newsMessage/>", "without any item"),
        ('<nitf><body>&nbsp;<p>open</body></nitf>', "not well-formed XML"),
        ("<urlset><url/></urlset>", "is a sitemap without pages"),
        ("<gpx></gpx>", "its root is “gpx”"),
    ],
)  # fmt: skip
def test_what_is_no_article_is_told(tmp_path: Path, content: object, reason: str) -> None:
    """An embargo until nobody knows when, pictures, plans and broken files are rejects with a reason a person understands."""
    [item] = read(tmp_path, content)
    assert isinstance(item, Rejected)
    assert not isinstance(item, Withdrawn)
    assert reason in item.reason


@pytest.mark.parametrize(
    ("content", "until"),
    [
        (ONE | {"embargoed": LATER, "body_xhtml": HTML}, LATER),
        (THREE | {"embargoed": LATER[:10], "bodies": [{"role": "html", "value": HTML}]}, LATER),
        (g2(XHTML, f"<embargoed>{LATER.replace('+00:00', '-01:00')}</embargoed>"), LATER.replace("T00", "T01")),
        (ONE | {"pubstatus": "withheld", "body_xhtml": HTML}, None),
        (g2(XHTML, '<pubStatus qcode="stat:withheld"/>'), None),
    ],
)
def test_what_must_not_be_read_yet_says_until_when(tmp_path: Path, content: object, until: str | None) -> None:
    """Embargoed until a moment, in UTC where it names no zone; withheld until another version comes."""
    [item] = read(tmp_path, content)
    assert isinstance(item, HeldArticle)
    assert item.until == (datetime.fromisoformat(until) if until else None)
    assert item.paragraphs == (LEAD, SECOND)


def test_an_embargo_that_has_passed_holds_nothing_back(tmp_path: Path) -> None:
    """What may be published since this morning is read."""
    [article] = read(tmp_path, ONE | {"embargoed": "2021-05-03T08:00:00", "body_xhtml": HTML})
    assert isinstance(article, Article)


def test_named_characters_need_no_dtd(tmp_path: Path) -> None:
    """HTML's names of characters are understood in XML, too."""
    [article] = read(tmp_path, NITF.replace("lorry", "caf&eacute;&nbsp;van"))
    assert isinstance(article, Article)
    assert "a café van hit" in article.paragraphs[1]


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "' + "lol" * 99 + '"><!ENTITY b "' + "&a;" * 99 + '"><!ENTITY c "' + "&b;" * 99 + '"><!ENTITY x "' + "&c;" * 99 + '">',
    ],
)  # fmt: skip
def test_entities_open_no_file_and_no_bomb(tmp_path: Path, declared: str) -> None:
    """An entity that names a file, or grows without end, makes a reject."""
    [item] = read(tmp_path, f"<!DOCTYPE nitf [{declared}]>" + NITF.replace("lorry", "&x;"))
    assert isinstance(item, Rejected)
    assert "not well-formed XML" in item.reason
