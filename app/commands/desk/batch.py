"""`newsdesk ask --batch`: a table of questions, answered by the running service or here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.commands.options import check_writable, show
from newsdesk.errors import ServiceUnreachable, WrongUse
from newsdesk.progress import progress
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from newsdesk.settings import Settings
    from newsdesk.types import Question

_TIMEOUT = 60  # seconds for an answer, without the time that an LLM may take


def ask_batch(
    settings: Settings, file: Path, out: Path | None, columns: str, asked: dict[str, Any], as_json: bool
) -> None:
    """Answers each question of the file; exits with 1 when some rows could not be asked. Raises WrongUse."""
    from desk.batch import BY_DEFAULT, answer_table
    from desk.table import read_table

    out = out or file.with_name(file.stem + BY_DEFAULT)
    check_writable("--out", out)
    if str(out) == "-" or out.resolve() == file.resolve():
        raise WrongUse(f"--out names {out}; name a file of its own, because what is answered is kept beside it.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}.") from error
    table = read_table(content, _columns(columns), ", or say which it is with --columns question=NAME")
    with _asker(settings, asked) as ask, progress("Answering", "question") as report:
        report(0, len(table.rows))
        done = answer_table(table, ask, out, report)
    assert done is not None, "nobody tells it to stop"
    counted = f"{done.answered:,} answered, {done.refused:,} refused, {done.problems:,} not asked"
    again = f" ({done.before:,} of them before)" if done.before else ""
    show({"out": str(out), **asdict(done)}, as_json, f"{counted}{again}; see {out}")
    if done.problems:
        raise typer.Exit(1)


def _columns(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals for _, equals, _ in pairs):
        raise WrongUse(f"--columns cannot be {quoted(text)}. Write it as question=NAME,id=NAME.")
    return {field.strip(): name.strip() for field, _, name in pairs}


@contextmanager
def _asker(settings: Settings, asked: dict[str, Any]) -> Iterator[Callable[[Question], Mapping[str, Any]]]:
    """Asks the service that runs on the data folder, or else an archive that is opened here."""
    from app.service.ownership import service_address

    address = service_address(settings.data)
    if address:
        yield lambda question: _of_service(address, settings, _body(question, asked))
        return
    from pydantic import ValidationError

    from api.models import AnswerOut, AskIn
    from api.problems import in_words
    from index.archive import Archive

    archive = Archive(settings, create=False)
    archive.load()

    def ask(question: Question) -> Mapping[str, Any]:
        try:
            valid = AskIn.model_validate(_body(question, asked))
        except ValidationError as error:  # of a day or a caution on the command line
            raise WrongUse(in_words(error.errors())) from error
        return AnswerOut.of(archive.engine.ask(valid.to_question())).model_dump(mode="json")

    try:
        yield ask
    finally:
        archive.close()


def _body(question: Question, asked: dict[str, Any]) -> dict[str, Any]:
    """A row's question as the API takes it; what the row does not say, the command line does."""
    filters = question.filters
    days = {"published_from": filters.published_from, "published_to": filters.published_to}
    return {
        **asked,
        "question": question.text,
        "as_of": question.as_of.isoformat() if question.as_of else asked["as_of"],
        "filters": {"sources": list(filters.sources)} | {name: str(day) for name, day in days.items() if day},
    }


def _of_service(address: str, settings: Settings, body: dict[str, Any]) -> dict[str, Any]:
    import httpx

    from app.service.ownership import service_headers

    timeout, headers = _TIMEOUT + settings.llm_timeout, service_headers(settings.data)
    try:
        response = httpx.post(f"{address}/api/ask", json=body, headers=headers, timeout=timeout, trust_env=False)
        answer: dict[str, Any] = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ServiceUnreachable(
            f"The service at {address} does not answer ({error}). Run the same command again: it goes on where it was."
        ) from error
    if response.status_code == 422:
        raise WrongUse(answer["detail"])
    if response.is_error:
        raise ServiceUnreachable(f"The service at {address} could not answer: {answer['detail']}")
    return answer
