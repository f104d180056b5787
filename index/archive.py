"""An opened archive: its catalogue, its indexes and the engine over them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from index.engine import Engine, HowToOrder
from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.read.judge import Judge, packaged_judge
from index.read.reader import Reader, load_reader
from index.understand import spelling
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import ModelError
from newsdesk.settings import Settings
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from index.answer.by_llm import ByLLM
    from index.llm.follow_up import Rewriter
    from index.llm.talk import Talk

logger = logging.getLogger("newsdesk.service")


class Archive:
    """An opened data folder: the catalogue, its views and the engine over them."""

    def __init__(self, settings: Settings, *, create: bool = True) -> None:
        """Opens the catalogue and the keyword view and loads the reader; vectors are loaded later.

        Raises DataFolderError, and SettingsError for an LLM that there cannot be.
        """
        self.settings = settings
        self.catalogue = Catalogue(settings.catalogue_at, create=create)
        self.keyword = KeywordIndex(settings.data, self.catalogue)
        self.dense = DenseSearch(settings.data, self.catalogue, settings.chroma)
        files = [spelling.PACKAGED, *([settings.aliases] if settings.aliases else [])]
        aliases = [name for file in files for name in spelling.read_aliases(file)]
        self._aliases = aliases
        self.reader = _reader(settings.reader)
        self.judge = _judge()
        self._talk = _talk(settings)
        self.engine = self.engine_with(self.reader)

    def engine_with(self, reader: Reader | None, how: HowToOrder | None = None) -> Engine:
        """An engine over the same indexes with another reader, or with another way of ordering, to compare with."""
        return Engine(
            self.catalogue, self.keyword, self.dense, self._aliases, reader, how, self.judge, self._by_llm(), self._rewriter()
        )  # fmt: skip

    def _by_llm(self) -> ByLLM | None:
        if self._talk is None:
            return None
        from index.answer.by_llm import ByLLM
        from index.llm.support import Checker

        return ByLLM(self._talk, Checker(self.judge), self.catalogue)

    def _rewriter(self) -> Rewriter | None:
        if self._talk is None:
            return None
        from index.llm.follow_up import Rewriter

        return Rewriter(self._talk, self.settings.llm_timeout)

    def load(self) -> None:
        """Makes everything ready that one command needs to ask: keyword view up to date, model loaded."""
        self.keyword.catch_up()
        try:
            self.dense.load()
        except ModelError as error:
            logger.warning("%s Until then everything is found by keyword alone.", error)

    def close(self) -> None:
        """Stops the LLM and closes the views cleanly."""
        if self._talk is not None:
            self._talk.close()
        self.dense.close()
        self.catalogue.close()


def _reader(name: str) -> Reader | None:
    """The reader that the settings name; without one, answers are chosen by words alone, and say so."""
    try:
        reader = load_reader(name)
    except ModelError as error:
        logger.warning("%s Until then sentences are chosen by their words alone.", error)
        return None
    if reader is not None and not reader.own_fit:
        logger.warning(
            "The reader %s has no fit.json: its scores are weighed as the packaged reader's. `newsdesk eval fit "
            "FOLDER --write` makes one.", quoted(name),
        )  # fmt: skip
    return reader


def _judge() -> Judge | None:
    """The packaged judge of support; answers do without it."""
    try:
        return packaged_judge()
    except ModelError as error:
        logger.warning("%s Until then contradictions between reports are not noticed.", error)
        return None


def _talk(settings: Settings) -> Talk | None:
    """The LLM that the settings name; LlamaIndex is imported only for one. Raises SettingsError."""
    if not settings.llm:
        return None
    from index.llm.load import load_llm
    from index.llm.talk import Talk

    llm = load_llm(settings.llm, settings.llm_key.get_secret_value(), settings.llm_timeout)
    return Talk(llm, settings.llm_timeout) if llm else None
