"""The stories of a catalogue as a whole: how many there are, those still to be found, and whether they are what they should be."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, exists, func, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.stories.settling import is_as_told, leave_stories, settle

_AT_ONCE = 32
"""Articles a transaction: about a tenth of a second, so that another writer never waits long."""


def count_stories(connection: Connection) -> int:
    """How many stories there are; an article that is still to be looked at counts as one."""
    table = schema.stories
    query = select(func.count(table.c.story.distinct()), func.count(table.c.article))
    stories, looked_at = connection.execute(query).one()
    return int(stories) + (connection.scalar(select(func.count()).select_from(schema.articles)) or 0) - int(looked_at)


class Stories:
    """Which articles are one story. Catalogue keeps it right at every change; what an older Newsdesk stored is caught up."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, article_id: str) -> list[str]:
        """The articles of the story that this one tells, itself among them, in the order in which they came."""
        about, told, mate = schema.articles, schema.stories, schema.stories.alias()
        mine = select(told.c.story).join(schema.articles, schema.articles.c.number == told.c.article)
        mine = mine.where(schema.articles.c.id == article_id)
        query = select(about.c.id).join(mate, mate.c.article == about.c.number).where(mate.c.story.in_(mine))
        with self._engine.begin() as connection:
            return list(connection.scalars(query.order_by(about.c.number)))

    def pending(self) -> int:
        """How many articles are still to be looked at."""
        about, told = schema.articles, schema.stories
        with self._engine.begin() as connection:
            every = connection.scalar(select(func.count()).select_from(about)) or 0
            return every - (connection.scalar(select(func.count()).select_from(told)) or 0)

    def catch_up(
        self,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> None:
        """Finds the stories of all articles without one, a small transaction at a time; whoever is stopped goes on from there.

        `on_progress(done, total)` counts articles.
        """
        about, told = schema.articles, schema.stories
        done, last, total = 0, 0, self.pending()
        while total and keep_going():
            new = ~exists().where(told.c.article == about.c.number)
            query = select(about.c.number).where(about.c.number > last, new).order_by(about.c.number).limit(_AT_ONCE)
            with writing(self._engine).begin() as connection:
                numbers = list(connection.scalars(query))
                settle(connection, numbers)
            if not numbers:
                return
            last = numbers[-1]
            done += len(numbers)
            on_progress(min(done, total), total)

    def mend(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Finds the stories anew whose rows are not what their articles' texts make of them; how many articles that concerned.

        Articles that nobody has looked at yet are looked at too.
        """
        dropped = self._drop_damaged()
        self.catch_up(on_progress)
        return dropped

    def _drop_damaged(self) -> int:
        told, last, dropped = schema.stories, 0, self._drop_misnumbered()
        while True:
            query = select(told.c.article).where(told.c.article > last).order_by(told.c.article).limit(_AT_ONCE)
            with self._engine.begin() as connection:
                numbers = list(connection.scalars(query))
                wrong = [number for number in numbers if not is_as_told(connection, number)]
            if wrong:
                with writing(self._engine).begin() as connection:
                    leave_stories(connection, wrong)
                dropped += len(wrong)
            if not numbers:
                return dropped
            last = numbers[-1]

    def _drop_misnumbered(self) -> int:
        """Stories whose number is not their first article's."""
        told = schema.stories
        query = select(func.min(told.c.article)).group_by(told.c.story).having(func.min(told.c.article) != told.c.story)
        with self._engine.begin() as connection:
            wrong = list(connection.scalars(query))
        if wrong:
            with writing(self._engine).begin() as connection:
                leave_stories(connection, wrong)
        return len(wrong)
