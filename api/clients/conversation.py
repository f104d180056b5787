"""The messages of a conversation, as OpenAI's clients send them, as a question with its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.clients.answers import counted
from api.clients.markdown import plain
from api.models import MAX_TURNS, Day, FiltersIn
from index.understand.question import check
from newsdesk.errors import WrongUse
from newsdesk.types import AskedMode, Caution, Filters, Question, Turn, is_whole
from newsdesk.wording.quoted import quoted

_TEXTS = ("text", "input_text", "output_text")


def _whole(text: str) -> str:
    if not is_whole(text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text


_Text = Annotated[str, AfterValidator(_whole)]


class Part(BaseModel):
    """A part of a message; only texts can be read."""

    type: str = "text"
    text: _Text | None = None

    def words(self) -> str:
        """Its text. Raises WrongUse for a picture, a sound or a file."""
        if self.type == "refusal":
            return ""
        if self.type not in _TEXTS or self.text is None:
            raise WrongUse(f"A part of a message has the type {quoted(self.type, 50)}; Newsdesk reads text alone.")
        return self.text


class Message(BaseModel):
    """A message of a conversation. What else clients put into it is ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: _Text | list[Part] | None = None

    def words(self) -> str:
        """Its text. Raises WrongUse for a part that is none."""
        if isinstance(self.content, list):
            return "\n".join(part.words() for part in self.content)
        return self.content or ""

    def length(self) -> int:
        """How much of it is text, in words and marks; other parts have none."""
        parts = self.content if isinstance(self.content, list) else [Part(text=self.content)]
        return sum(counted(part.text) for part in parts if part.text)


class OptionsIn(BaseModel):
    """What a question to Newsdesk can have beside its text: as in `POST /api/ask`."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(default=None, description="Nothing published after this day is used.")
    filters: FiltersIn = FiltersIn()
    mode: AskedMode = "auto"
    caution: Caution = "normal"
    source_events: bool = Field(
        default=False, description="Whether a stream brings Open WebUI's `event` chunks, one for each source."
    )


def question_of(messages: Sequence[Message], options: OptionsIn) -> Question:
    """The last message as a question after the exchanges before it. Raises WrongUse where there is none to be asked.

    Instructions (`system`, `developer`) and results of tools say nothing that an archive could answer: left out.
    """
    spoken = [message for message in messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise WrongUse('The last message has to be the question, with the role "user".')
    text = spoken[-1].words()
    check(text)
    filters = options.filters
    return Question(
        text=text,
        history=_turns(spoken[:-1])[-MAX_TURNS:],
        as_of=options.as_of,
        filters=Filters(tuple(filters.sources), filters.published_from, filters.published_to),
        mode=options.mode,
        caution=options.caution,
    )


def _turns(spoken: Sequence[Message]) -> tuple[Turn, ...]:
    """Questions with the answers that followed them; a question that got none was never answered, and is left out."""
    turns: list[Turn] = []
    asked = ""
    for message in spoken:
        if message.role == "user":
            asked = message.words()
        elif asked.strip() and (answer := plain(message.words())).strip():
            turns.append(Turn(asked, answer))
            asked = ""
    return tuple(turns)
