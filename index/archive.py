"""An opened archive: its catalogue, its indexes and the engine over them."""

from __future__ import annotations

import logging

from index.engine import ArchiveQueryEngine
from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.read.reader import load_reader
from index.understand import spelling
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import ModelError
from newsdesk.settings import Settings

logger = logging.getLogger("newsdesk.service")


class Archive:
    """An opened data folder: the catalogue, its views and the engine over them."""

    def __init__(self, settings: Settings, *, create: bool = True) -> None:
        """Opens the catalogue and the keyword view; vectors are loaded later. Raises DataFolderError."""
        self.settings = settings
        self.catalogue = Catalogue(settings.catalogue_file, create=create)
        self.keyword = KeywordIndex(settings.data, self.catalogue)
        self.dense = DenseSearch(settings.data, self.catalogue)
        files = [spelling.PACKAGED, *([settings.aliases] if settings.aliases else [])]
        aliases = [name for file in files for name in spelling.read_aliases(file)]
        self.engine = ArchiveQueryEngine(self.catalogue, self.keyword, self.dense, aliases)

    def load(self) -> None:
        """Makes everything ready that one command needs to ask: keyword view up to date, model loaded."""
        self.keyword.catch_up()
        try:
            self.dense.load()
        except ModelError as error:
            logger.warning("%s Until then everything is found by keyword alone.", error)
        self.load_reader()

    def load_reader(self) -> None:
        """Loads the reader that the settings name; without one, answers are chosen by words alone, and say so."""
        try:
            self.engine.reader = load_reader(self.settings.reader)
        except ModelError as error:
            logger.warning("%s Until then sentences are chosen by their words alone.", error)

    def close(self) -> None:
        """Closes the views cleanly."""
        self.dense.close()
        self.catalogue.close()
