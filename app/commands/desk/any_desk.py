"""Questions, searches and articles by the running service where there is one, else by the archive opened here."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.service.request import asked_of_service
from newsdesk.errors import ArticleNotFound, NewsdeskError, WrongUse

if TYPE_CHECKING:
    from api.models import AnswerOut, ArticleOut, AskIn, SearchOut
    from index.archive import Archive
    from newsdesk.settings import Settings


class AnyDesk:
    """The service on this data folder while there is one, else the archive opened here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def ask(self, asked: AskIn) -> AnswerOut:
        """The answer to a question. Raises a NewsdeskError."""
        from api.clients.desk import EngineDesk
        from api.models import AnswerOut

        told = self._of_service("POST", "/api/ask", json=asked.model_dump(mode="json"))
        return EngineDesk(self._here().engine).ask(asked) if told is None else AnswerOut.model_validate(told)

    def search(self, words: str, limit: int) -> SearchOut:
        """Passages, best first. Raises a NewsdeskError."""
        from api.clients.desk import EngineDesk
        from api.models import SearchOut

        told = self._of_service("GET", "/api/search", params={"q": words, "limit": limit})
        return EngineDesk(self._here().engine).search(words, limit) if told is None else SearchOut.model_validate(told)

    def article(self, id_: str) -> ArticleOut:
        """An article with its paragraphs. Raises a NewsdeskError."""
        from api.clients.desk import EngineDesk
        from api.models import ArticleOut

        told = self._of_service("GET", f"/api/articles/{quote(id_, safe='')}", article=id_)
        return EngineDesk(self._here().engine).article(id_) if told is None else ArticleOut.model_validate(told)

    def _of_service(self, method: str, path: str, *, article: str = "", **sent: Any) -> dict[str, Any] | None:
        """What the service says; None where none runs. Raises a NewsdeskError for what it refuses, ArticleNotFound where
        it has no `article`."""
        told = asked_of_service(self._settings, method, path, **sent)
        if told is None:
            return None
        status, body = told
        if status == 404:
            raise ArticleNotFound(article)
        if status >= 400:
            raise (WrongUse if status == 422 else NewsdeskError)(body["detail"])
        return body

    def _here(self) -> Archive:
        """The archive, with what came in since the last call."""
        self._opened.catalogue.release_due()
        self._opened.keyword.catch_up()
        return self._opened

    @cached_property
    def _opened(self) -> Archive:
        from index.archive import Archive

        archive = Archive(self._settings, create=False)
        archive.load()
        return archive
