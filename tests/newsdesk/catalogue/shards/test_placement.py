"""Where vectors lie on Chroma servers, as the catalogue plans it; no server is needed for that."""

from __future__ import annotations

from datetime import date

import pytest

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.shards.periods import UNDATED, in_words, quarter_of, year_of
from newsdesk.catalogue.shards.placement import Placement, Shard
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.types import Article
from tests.support import ENOUGH, article, day, make_up_vectors, one_each

SERVERS = ("http://one.example:8000", "http://two.example:8000")


@pytest.fixture
def model(catalogue: Catalogue) -> Model:
    """The active one."""
    return StoredVectors(catalogue).register("m@1", "m")


def wire(number: int, on: str) -> Article:
    """An article of one passage."""
    return article(f"wire {number}", f"Dispatch {number}.", published=day(on))


def stored(catalogue: Catalogue, model: Model, *articles: Article) -> None:
    """Stores articles and gives them vectors."""
    catalogue.put(articles, one_each)
    make_up_vectors(catalogue, model)


def planned(placement: Placement, model: Model) -> list[Shard]:
    """Plans to the end, as if each server did at once what it is told."""
    while True:
        more = placement.plan(model, SERVERS, 3)
        for shard in placement.shards():
            placement.done(shard, [number for numbers in placement.work(shard, ENOUGH) for number in numbers])
        if not more:
            return placement.shards(model)


def records(shards: list[Shard]) -> dict[str, int]:
    """Period in words -> how many passages are placed there."""
    return {in_words(shard.days): shard.records for shard in shards}


def test_a_day_has_a_year_and_a_quarter() -> None:
    """Both with their first and last day; articles without a day have a period of their own."""
    on = date(2016, 8, 17).toordinal()
    assert year_of(on) == (date(2016, 1, 1).toordinal(), date(2016, 12, 31).toordinal())
    assert quarter_of(on) == (date(2016, 7, 1).toordinal(), date(2016, 9, 30).toordinal())
    assert quarter_of(date(2016, 12, 31).toordinal())[1] == date(2016, 12, 31).toordinal()
    assert quarter_of(date.max.toordinal()) == (date(9999, 10, 1).toordinal(), date.max.toordinal())
    assert year_of(0) == quarter_of(0) == UNDATED
    assert [in_words(days) for days in (year_of(on), quarter_of(on), UNDATED)] == [
        "2016",
        "2016, July to September",
        "undated articles",
    ]


def test_each_year_has_a_shard_and_the_servers_share_them(catalogue: Catalogue, model: Model) -> None:
    """What comes later goes where its year lies; what has no vector has no place."""
    stored(catalogue, model, *(wire(n, f"{2010 + n % 3}-02-03") for n in range(9)), article("loose", "Loose."))
    placement = Placement(catalogue)
    shards = planned(placement, model)
    assert records(shards) == {"undated articles": 1, "2010": 3, "2011": 3, "2012": 3}
    assert {shard.server for shard in shards} == set(SERVERS)
    assert placement.reached(model) == (catalogue.changes.last(), True)
    catalogue.put([wire(20, "2011-12-31")], one_each)
    assert records(planned(placement, model))["2011"] == 3
    make_up_vectors(catalogue, model)
    assert records(planned(placement, model))["2011"] == 4
    days = date(2011, 12, 1).toordinal(), date(2012, 1, 31).toordinal()
    assert [in_words(shard.days) for shard in placement.shards(model, days)] == ["2011", "2012"]


def test_a_year_that_is_full_goes_on_by_quarters(catalogue: Catalogue, model: Model) -> None:
    """And a quarter that is full in a further shard of the same quarter."""
    stored(catalogue, model, *(wire(n, "2018-03-01") for n in range(4)))
    placement = Placement(catalogue, full=4)
    assert records(planned(placement, model)) == {"2018": 4}
    stored(catalogue, model, *(wire(n, "2018-11-01") for n in range(10, 16)))
    found = [(in_words(shard.days), shard.records) for shard in planned(placement, model)]
    assert found == [("2018", 4), ("2018, October to December", 4), ("2018, October to December", 2)]


def test_a_year_known_to_be_large_has_quarters_from_the_beginning(catalogue: Catalogue, model: Model) -> None:
    """When it is first filled, all its articles are there to be counted."""
    stored(catalogue, model, *(wire(n, f"2018-{1 + n % 12:02}-10") for n in range(12)))
    assert len(planned(Placement(catalogue, full=5), model)) == 4


def test_what_leaves_or_moves_is_taken_from_its_server(catalogue: Catalogue, model: Model) -> None:
    """It stands in the work of the shard that held it, until that is done."""
    stored(catalogue, model, wire(1, "2010-02-03"), wire(2, "2010-02-03"), wire(3, "2010-02-03"))
    placement = Placement(catalogue)
    [shard] = planned(placement, model)
    gone, moved, _ = sorted(placement.held(shard))
    catalogue.remove(["wire 1"])
    stored(catalogue, model, wire(2, "2013-02-03"))
    while placement.plan(model, SERVERS, ENOUGH):
        pass
    assert placement.work(shard, ENOUGH) == ([], [gone, moved])
    [other] = [each for each in placement.shards(model) if each.number != shard.number]
    assert placement.work(other, ENOUGH) == ([moved], [])
    assert records(placement.shards(model)) == {"2010": 1, "2013": 1}


def test_a_filling_that_was_broken_off_goes_on(catalogue: Catalogue, model: Model) -> None:
    """And what changed in the meantime is not passed over."""
    stored(catalogue, model, *(wire(n, "2010-02-03") for n in range(20)))
    first = Placement(catalogue)
    for _ in range(3):
        first.plan(model, SERVERS, 3)
    [shard] = first.shards(model)
    assert 0 < shard.records < 20
    catalogue.remove(["wire 0"])
    stored(catalogue, model, wire(1, "2017-06-01"))
    assert records(planned(Placement(catalogue), model)) == {"2010": 18, "2017": 1}


def test_when_the_log_begins_anew_so_do_the_shards(catalogue: Catalogue, model: Model) -> None:
    """The collections of before are to be deleted, and none of their names is used again."""
    stored(catalogue, model, wire(1, "2010-02-03"))
    placement = Placement(catalogue)
    [before] = planned(placement, model)
    catalogue.changes.begin_anew()
    [after] = planned(placement, model)
    assert after.records == 1
    assert after.collection != before.collection
    assert [shard.collection for shard in placement.retired()] == [before.collection]


def test_a_shard_that_is_renewed_is_written_whole(catalogue: Catalogue, model: Model) -> None:
    """Into a collection of another name."""
    stored(catalogue, model, wire(1, "2010-02-03"), wire(2, "2010-02-03"))
    placement = Placement(catalogue)
    [before] = planned(placement, model)
    placement.renew(before)
    [after] = placement.shards(model)
    assert after.state == "filling"
    assert after.collection != before.collection
    assert len(placement.work(after, ENOUGH)[0]) == 2
    assert placement.held(after) == []
