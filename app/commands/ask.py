"""`newsdesk ask`: one question, answered by the running service or here."""

from __future__ import annotations

import gc
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.desk.batch import ask_batch
from app.commands.options import AsJson, Data, load_settings, show
from app.service.request import asked_of_service
from newsdesk.errors import NewsdeskError, WrongUse
from newsdesk.wording.confidence_words import checked_in_words, sureness_in_words
from newsdesk.wording.counted import paragraph_in_words
from newsdesk.wording.dateline import meant_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsdesk.settings import Settings


def ask(
    question: Annotated[str, typer.Argument(show_default=False)] = "",
    data: Data = None,
    as_of: Annotated[str | None, typer.Option(help="Use nothing published after this day (YYYY-MM-DD).")] = None,
    caution: Annotated[str, typer.Option(help="low, normal or high: how sure an answer has to be.")] = "normal",
    batch: Annotated[
        Path | None, typer.Option(help="Ask every question of this CSV file; can be stopped and goes on.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --batch: where the answers go, as CSV.")] = None,
    columns: Annotated[
        str, typer.Option(help="With --batch: what its columns are called: question=NAME,id=NAME,as_of=NAME,...")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Ask a question, or a table of them; the running service answers when there is one."""
    settings = load_settings(data=data)
    if batch is not None:
        if question:
            raise WrongUse("A question and --batch cannot both be asked. Give one of them.")
        ask_batch(settings, batch, out, columns, {"as_of": as_of, "caution": caution}, as_json)
        return
    if not question:
        raise WrongUse('There is no question. Write it behind the command, such as: newsdesk ask "Who won?"')
    asked = {"question": question, "as_of": as_of, "caution": caution}
    answer = _ask_service(settings, asked) or _ask_here(settings, asked)
    show(answer, as_json, _answer_text(answer))


def _ask_service(settings: Settings, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of the service that runs on this data folder; None when none does."""
    told = asked_of_service(settings, "POST", "/api/ask", json=asked)
    if told is None:
        return None
    status, body = told
    if status == 422:
        raise _wrong(body["errors"][0]) if body.get("errors") else WrongUse(body["detail"])
    if status >= 400:
        raise NewsdeskError(f"The running service could not answer: {body['detail']}")
    return body


def _wrong(field: Mapping[str, str | None]) -> WrongUse:
    """What is wrong with an option, as the API says it of a field."""
    where = str(field["where"])
    what = "The question" if where == "question" else f"--{where.replace('_', '-')}"
    return WrongUse(f"{what} cannot be {field['value']}: {field['message']}.")


def _ask_here(settings: Settings, asked: dict[str, Any]) -> dict[str, Any]:
    gc.disable()  # of half a million objects that stay to the end it would take a tenth of the time to look for garbage
    from pydantic import ValidationError

    from api.models import AnswerOut, AskIn
    from index.archive import Archive

    try:
        question = AskIn.model_validate(asked).to_question()
    except ValidationError as error:
        from api.problems import wrong_fields  # with the whole of fastapi, which a good question need not wait for

        raise _wrong(wrong_fields(error.errors())[0]) from error
    archive = Archive(settings, create=False)
    archive.load()
    answer = AnswerOut.of(archive.engine.ask(question)).model_dump(mode="json")
    archive.close()
    return answer


def _meant(answer: dict[str, Any]) -> str:
    """The day that the short answer means; nothing where it means none, or an older service does not tell."""
    when = answer.get("when")
    if not when:
        return ""
    first, last = (date.fromisoformat(when[end]) for end in ("start", "end"))
    return meant_in_words(answer["short_answer"], first, last, when["how"])


def _answer_text(answer: dict[str, Any]) -> str:
    kinds = [note["kind"] for note in answer["notes"]]
    confidence = sureness_in_words(answer["confidence"], answer["answerable"], kinds)
    meant = _meant(answer)
    lines = [answer["text"], "", *([meant, ""] if meant else []), *([confidence, ""] if confidence else [])]
    checked = answer.get("checked") or {"verified": 0, "written": 0}
    if counted := checked_in_words(checked["verified"], checked["written"]):
        lines += [counted, ""]
    for cited in answer["citations"]:
        about = ", ".join(part for part in (cited["title"], cited["source"], cited["published"]) if part)
        lines.append(f"[{cited['marker']}] {about}; {cited['article_id']}, {paragraph_in_words(cited['paragraph'])}")
        if told := cited.get("correction"):
            lines.append(f"    {told['in_words']}")
        lines += [f"    also in {copy['source'] or copy['article_id']}" for copy in cited["also_in"]]
    if not answer["answerable"] and answer["evidence"]:
        lines.append("Nearest articles:")
        nearest = dict.fromkeys(
            (found["title"] or found["article_id"], found["source"]) for found in answer["evidence"]
        )
        lines += [f"    {title}{f' ({source})' if source else ''}" for title, source in list(nearest)[:5]]
    lines += [f"Note: {note['text']}" for note in answer["notes"]]
    lines += [f"Removed: {each['text']} ({each['reason']})" for each in answer.get("removed", ())]
    if coverage := answer.get("coverage"):
        lines += ["", coverage["in_words"]]
    return "\n".join(lines).rstrip()
