"""An LLM as judge: LlamaIndex's evaluators, asked of any OpenAI-compatible server. Only `newsdesk eval` uses it.

What is judged comes from news articles and from answering machines, so it is handed over as data: each text as one line,
which cannot pass for a part of the prompt, after a system message that says that nothing in it is to be followed.
No model is taken from LlamaIndex's global Settings, nothing is embedded, and no tokenizer is loaded.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from llama_index.core.evaluation import CorrectnessEvaluator, EvaluationResult, FaithfulnessEvaluator

from index.llm.served import TIMEOUT, ServedLLM
from newsdesk.errors import JudgeError
from newsdesk.remote_service import Outbound

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)  # what reasoning models say before they answer
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_SCORE = re.compile(
    r"[\s*_#`>]*(?:(?:overall )?(?:score|rating)\W{1,4})?(\d+(?:\.\d+)?)(?: ?/ ?5(?:\.0)?)?[\s*_`.]*", re.I
)


class Judge:
    """The LLM `model` of an OpenAI-compatible server, at an address such as http://localhost:11434/v1.

    Every method raises JudgeError when the server is down, late, refuses, or is none. The key is in no message.
    """

    def __init__(self, url: str, model: str, key: str = "", timeout: float = TIMEOUT) -> None:
        """Raises JudgeError for an address, name or key that cannot be one; nothing is asked yet."""
        if not url.strip() or not model.strip():
            missing = "judge_model" if url.strip() else "judge_url"
            raise JudgeError(f"There is no {missing}. Set NEWSDESK_JUDGE_URL and NEWSDESK_JUDGE_MODEL, or neither.")
        self._server = Outbound("The judging LLM", url, JudgeError, timeout, key)
        llm = ServedLLM(self._server, model.strip())
        self._faithfulness = Faithfulness(llm)
        self._correctness = CorrectnessEvaluator(llm, parser_function=read_score)
        self.name = model.strip()
        """The LLM's name, as reports show it."""

    def faithful(self, question: str, answer: str, quoted: Sequence[str]) -> bool:
        """Whether the answer is supported by the paragraphs it quotes. What is not a plain yes is no.

        An answer that quotes nothing is supported by nothing; that needs no judge.
        """
        contexts = [flat for text in quoted if (flat := _flat(text))]
        if not contexts:
            return False
        judged = asyncio.run(self._faithfulness.aevaluate(_flat(question), _flat(answer), contexts))
        return bool(judged.passing)

    def correctness(self, question: str, answer: str, reference: str) -> float | None:
        """How right and relevant the answer is beside the reference: 1 (worst) to 5. None: the reply cannot be read."""
        judged = asyncio.run(
            self._correctness.aevaluate(_flat(question), _flat(answer), reference=_flat(reference) or None)
        )
        return judged.score

    def close(self) -> None:
        """Closes the connections."""
        self._server.close()


def read_verdict(reply: str) -> bool | None:
    """The first yes or no of a reply, as a word; None when there is none."""
    match = _VERDICT.search(_THOUGHT.sub("", reply))
    return match[1].lower() == "yes" if match else None


def read_score(reply: str) -> tuple[float | None, str]:
    """The first line that is nothing but a score from 1 to 5, and the reply.

    LlamaIndex's own parser fails on a reply of one line, and takes any number for a score.
    """
    for line in _THOUGHT.sub("", reply).splitlines():
        match = _SCORE.fullmatch(line)
        if match:
            score = float(match[1])
            return (score if 1 <= score <= 5 else None), reply
    return None, reply


class Faithfulness(FaithfulnessEvaluator):
    """LlamaIndex's evaluator with its own prompt, asked at once.

    The original puts the contexts into an index first: that takes a text splitter from the global Settings, which
    loads a tokenizer (over the network, where TIKTOKEN_CACHE_DIR names a folder without it). A few paragraphs need
    neither. It also takes every reply that has "yes" in it, such as "No, that was yesterday", for a yes.
    """

    async def aevaluate(
        self,
        query: str | None = None,
        response: str | None = None,
        contexts: Sequence[str] | None = None,
        sleep_time_in_seconds: int = 0,
        **kwargs: Any,
    ) -> EvaluationResult:
        """Whether `response` is supported by one of the contexts."""
        context = "\n\n".join(contexts or ())
        reply = await self._llm.apredict(self._eval_template, query_str=response, context_str=context)
        passing = read_verdict(reply) is True
        return EvaluationResult(
            query=query, response=response, contexts=contexts, passing=passing, score=float(passing), feedback=reply
        )


def _flat(text: str) -> str:
    return " ".join(text.split())
