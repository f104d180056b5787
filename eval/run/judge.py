"""An LLM as judge: LlamaIndex's evaluators, asked of the LLM of the setting `judge`. Only `newsdesk eval` uses it.

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

from eval.run.judging_llm import TIMEOUT, JudgingLLM
from index.llm.load import load_llm
from newsdesk.errors import SettingsError

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)  # what reasoning models say before they answer
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_SCORE = re.compile(
    r"[\s*_#`>]*(?:(?:overall )?(?:score|rating)\W{1,4})?(\d+(?:\.\d+)?)(?: ?/ ?5(?:\.0)?)?[\s*_`.]*", re.I
)


class Judge:
    """The LLM that a setting names, in any form that `llm` has (docs/llm.md).

    Every method raises JudgeError when it is down, late, refuses, or says what is no answer. The key is in no message.
    """

    def __init__(self, setting: str, key: str = "", timeout: float = TIMEOUT) -> None:
        """Raises SettingsError for a form that is none and for a package that is not installed; nothing is asked yet."""
        llm = load_llm(setting, key, timeout, "judge")
        if llm is None:
            raise SettingsError("There is no judge. Set NEWSDESK_JUDGE, or evaluate without it.")
        self.name = _name(setting)
        """The LLM's name, as reports show it."""
        asked = JudgingLLM(llm, self.name, key, timeout)
        self._faithfulness = Faithfulness(asked)
        self._correctness = CorrectnessEvaluator(asked, parser_function=read_score)
        self._runner = asyncio.Runner()  # one loop for all: connections belong to the loop that opened them

    def faithful(self, question: str, answer: str, quoted: Sequence[str]) -> bool:
        """Whether the answer is supported by the paragraphs it quotes. What is not a plain yes is no.

        An answer that quotes nothing is supported by nothing; that needs no judge.
        """
        contexts = [flat for text in quoted if (flat := _flat(text))]
        if not contexts:
            return False
        judged = self._runner.run(self._faithfulness.aevaluate(_flat(question), _flat(answer), contexts))
        return bool(judged.passing)

    def correctness(self, question: str, answer: str, reference: str) -> float | None:
        """How right and relevant the answer is beside the reference: 1 (worst) to 5. None: the reply cannot be read."""
        judged = self._runner.run(
            self._correctness.aevaluate(_flat(question), _flat(answer), reference=_flat(reference) or None)
        )
        return judged.score

    def close(self) -> None:
        """Closes the connections."""
        self._runner.close()


def _name(setting: str) -> str:
    """The model's name behind the "#", else what follows "ollama:", else the class."""
    address, _, model = setting.strip().partition("#")
    return model or address.removeprefix("ollama:")


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
