"""Is the catalogue what was stored? SQLite checks its structure; every text and vector is held against its own hash.

A disk that flips a bit inside a paragraph leaves a file that SQLite finds sound. So each article is stored with a
hash of all it says, so is each older version, each passage with one of its text, each vector with unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import WAY_BACK, structure_faults
from newsdesk.catalogue.hashes import is_sound_version
from newsdesk.catalogue.history import held
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import ArticleNotFound, CatalogueDamaged
from newsdesk.wording.counted import counted
from newsdesk.wording.quoted import quoted

_BATCH = 500  # rows at a time


@dataclass(frozen=True, slots=True)
class Findings:
    """What is not as it was stored."""

    structure: tuple[str, ...]
    """SQLite's own complaints."""
    articles: tuple[str, ...]
    """Ids of articles whose text or particulars changed on the disk, or whose passages or older versions did; of those
    under embargo too."""
    vectors: int
    """Damaged vectors; they were dropped, and are made again by `newsdesk embed` or a running service."""
    stories: int = 0
    """Articles whose story was not the one that their texts make; these were found anew."""

    @property
    def damaged(self) -> bool:
        """Whether something is lost that cannot be made again from the catalogue itself."""
        return bool(self.structure or self.articles)

    def message(self) -> str:
        """In words, with the way back."""
        if not self.damaged:
            return ""
        parts = [f"structure: {'; '.join(self.structure)}"] if self.structure else []
        if self.articles:
            shown = ", ".join(map(quoted, self.articles[:10])) + (" ..." if len(self.articles) > 10 else "")
            parts.append(f"{counted(len(self.articles), 'damaged article')}: {shown}")
        return (
            f"The catalogue is damaged ({'. '.join(parts)}). {WAY_BACK} Single articles can also be removed with "
            "`newsdesk remove ID` and taken in again."
        )


def check(catalogue: Catalogue, on_progress: Callable[[int, int], None] = lambda done, total: None) -> Findings:
    """Reads everything once. `on_progress(done, total)` counts articles."""
    structure = tuple(structure_faults(catalogue.engine))
    try:
        articles = tuple(sorted(set(_damaged_articles(catalogue, on_progress))))
        vectors = stories = 0
        if not structure:  # a broken file is not written to
            vectors, stories = StoredVectors(catalogue).drop_damaged(), catalogue.stories.mend(on_progress)
    except CatalogueDamaged as error:  # the structure is so bad that reading stops
        return Findings(structure or (str(error),), (), 0)
    return Findings(structure, articles, vectors, stories)


def _damaged_articles(catalogue: Catalogue, on_progress: Callable[[int, int], None]) -> Iterator[str]:
    total, done = catalogue.counts().articles, 0
    for rows in _batches(catalogue):
        for number, article_id in rows:
            try:
                catalogue.article(article_id)
            except ArticleNotFound:
                if _still_there(catalogue, number):
                    yield article_id  # its id cannot be looked up any more
            except CatalogueDamaged:
                yield article_id
        numbers = [number for number, _ in rows]
        yield from _with_damaged_passages(catalogue, numbers)
        yield from _with_damaged_versions(catalogue, numbers)
        done += len(rows)
        on_progress(done, total)
    with catalogue.engine.begin() as connection:
        yield from held.damaged(connection)


def _batches(catalogue: Catalogue) -> Iterator[list[tuple[int, str]]]:
    table, last = schema.articles, 0
    while True:
        query = select(table.c.number, table.c.id).where(table.c.number > last).order_by(table.c.number).limit(_BATCH)
        with catalogue.engine.begin() as connection:
            rows = [(row.number, row.id) for row in connection.execute(query)]
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _still_there(catalogue: Catalogue, number: int) -> bool:
    with catalogue.engine.begin() as connection:
        return connection.scalar(select(schema.articles.c.number).where(schema.articles.c.number == number)) is not None


def _with_damaged_passages(catalogue: Catalogue, article_numbers: list[int]) -> Iterator[str]:
    of, about = schema.passages, schema.articles
    query = select(of.c.number, about.c.id).join(about, about.c.number == of.c.article)
    query = query.where(of.c.article.in_(article_numbers))

    def stored() -> dict[int, str]:
        with catalogue.engine.begin() as connection:
            return {row.number: row.id for row in connection.execute(query)}

    missing = set(before := stored()) - set(catalogue.passages(list(before)))
    if missing:
        yield from (before[number] for number in missing & set(stored()))  # the others were removed meanwhile


def _with_damaged_versions(catalogue: Catalogue, article_numbers: list[int]) -> list[str]:
    of, about = schema.versions, schema.articles
    query = select(about.c.id, of.c.content).join(about, about.c.number == of.c.article)
    with catalogue.engine.begin() as connection:
        rows = connection.execute(query.where(of.c.article.in_(article_numbers)))
        return [row.id for row in rows if not is_sound_version(row.content)]
