"""Every error Newsdesk raises on purpose.

    NewsdeskError                  exit code 3 (cannot run) unless said otherwise
      WrongUse                     exit code 2: the caller can mend it
        SettingsError              newsdesk.toml or a NEWSDESK_* variable
        QuestionError              a question that cannot be asked (empty, too long)
        EvaluationFolderError      an evaluation folder that does not hold what it should
        TrainingDataError          files a reader cannot be trained on or measured with
        AlreadySaved               the question is saved already, with the same webhook
        NotTakenBack               nothing was taken back under that id or address
      ArticleNotFound              exit code 2: no article has that id
      SavedQuestionNotFound        exit code 2: no saved question has that key
      BatchNotFound                exit code 2: no table of questions has that key
      UploadNotFound               exit code 2: no upload has that key
      UploadsWait                  too many uploads wait to be read
      Unreadable                   one source could not be read; it is put on the list of rejects
        NotFetched                 a web address could not be had, or may not be
      DataFolderError              the data folder cannot be used (read-only, newer schema)
        DataFolderBusy             another process owns what is needed
        DiskFull                   there is no room for what was to be stored
        Interrupted                a stop came before it was done; nothing is wrong
        CatalogueDamaged           what the catalogue holds is not what was stored, or it is gone
        CatalogueUnreachable       the database that holds the catalogue does not answer
      ModelError                   an embedding model is missing or not what it should be
      VectorServerError            a Chroma server cannot be reached, or is none
      TooSlow                      a question took longer than it may, or nobody waits for it any more
      ServiceUnreachable           the Newsdesk service that was to be asked does not answer as one
      JudgeError                   the LLM that was to judge does not answer as one
      LLMError                     the LLM that was to write cannot be reached, is late or fails

A message says what is wrong, with which value, and what to do next.
"""

from __future__ import annotations

from newsdesk.wording.quoted import quoted


class NewsdeskError(Exception):
    """Root of the tree; its message is fit to be shown to a user."""

    exit_code = 3


class WrongUse(NewsdeskError):
    """The call itself is wrong; nothing was done."""

    exit_code = 2


class SettingsError(WrongUse):
    """A setting is unknown or has a value it cannot have."""


class QuestionError(WrongUse):
    """The question cannot be asked as it is."""


class EvaluationFolderError(WrongUse):
    """The evaluation folder is not as docs/evaluation.md describes it."""


class TrainingDataError(WrongUse):
    """A file cannot teach or measure a reader, or belongs to another training."""


class ArticleNotFound(NewsdeskError):
    """No article has this id."""

    exit_code = 2

    def __init__(self, article_id: str, why: str = "") -> None:
        super().__init__(
            f"There is no article with the id {quoted(article_id, 500)}{f': {why}' if why else ''}. Search for its words to find its id."
        )
        self.article_id = article_id


class BatchNotFound(NewsdeskError):
    """No table of questions has this key."""

    exit_code = 2

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no table of questions {quoted(key, 80)}; it may have made way for a newer one.")


class UploadNotFound(NewsdeskError):
    """No upload has this key."""

    exit_code = 2

    def __init__(self, key: str) -> None:
        super().__init__(
            f"There is no upload {quoted(key, 80)}; what became of one is forgotten when the service ends."
        )


class UploadsWait(NewsdeskError):
    """Too many uploads wait to be read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} uploads wait to be read, the most there can be. Send this one again in a while.")


class SavedQuestionNotFound(NewsdeskError):
    """No saved question has this key."""

    exit_code = 2

    def __init__(self, key: str) -> None:
        super().__init__(
            f"There is no saved question {quoted(key, 80)}. The list of saved questions shows which there are."
        )


class AlreadySaved(WrongUse):
    """The question is saved already, with the same webhook."""

    def __init__(self, key: str, question: str) -> None:
        super().__init__(f"The question {quoted(question)} is saved already, as {key}. Nothing was changed.")
        self.key = key


class NotTakenBack(WrongUse):
    """Nothing was taken back under this id or address."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No sender took anything back under {quoted(name)}, so nothing was let in again. Give the id as the kill "
            "had it, or the article's address: `newsdesk rejects --limit 0` lists the kills with their ids."
        )


class Unreadable(NewsdeskError):
    """One source could not be read. The run goes on; the reason goes on the list of rejects."""


class NotFetched(Unreadable):
    """What lies at a web address could not be had, or may not be."""

    def __init__(self, reason: str, status: int = 0, again_at: float = 0.0) -> None:
        """`status` is what was answered, 0 for nothing; at `again_at` (seconds since 1970) it may be tried again."""
        super().__init__(reason)
        self.status = status
        self.again_at = again_at


class DataFolderError(NewsdeskError):
    """The data folder cannot be used as it is."""


class DataFolderBusy(DataFolderError):
    """Another process owns the part of the data folder that is needed."""


class DiskFull(DataFolderError):
    """There is no room left on the disk; nothing was half stored."""


class Interrupted(DataFolderError):
    """A stop came before it was done; nothing is wrong."""


class CatalogueDamaged(DataFolderError):
    """The catalogue, or a part of it, is lost; a backup is the way back."""


class CatalogueUnreachable(DataFolderError):
    """The database that holds the catalogue does not answer, or lets nobody in; nothing was half stored."""


class ModelError(NewsdeskError):
    """A model cannot be loaded, or is not the one it should be."""


class VectorServerError(NewsdeskError):
    """A server that is to hold vectors cannot be reached, or is no Chroma server."""


class TooSlow(NewsdeskError):
    """A question was not answered in the time that it may take, or nobody waits for it any more."""


class ServiceUnreachable(NewsdeskError):
    """The running service that was named cannot be reached, fails, or is no Newsdesk service."""


class JudgeError(NewsdeskError):
    """The judging LLM cannot be reached, fails, refuses, or is no OpenAI-compatible server."""


class LLMError(NewsdeskError):
    """The LLM that was to write an answer cannot be reached, fails, or did not finish in time."""
