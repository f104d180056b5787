"""One JSON object as an article: an item of ninjs, or a record with the usual fields."""

from __future__ import annotations

from ingest.formats.iptc.ninjs import article_of_ninjs, is_ninjs
from ingest.record import Records
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected


class WireOrRecord(Records):
    """Makes articles of the objects of one file, ninjs among them."""

    def read(self, record: object, origin: str) -> Article | Rejected:
        """The article of an object that `origin` names, or why it is none."""
        if self.mapping is None and isinstance(record, dict) and is_ninjs(record):
            try:
                return article_of_ninjs(record, origin)
            except Unreadable as error:
                return Rejected(origin, "", str(error))
        return super().read(record, origin)
