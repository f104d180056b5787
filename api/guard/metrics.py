"""What Prometheus is told. Every label has few values: patterns of paths, never paths; names of stages, never questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fastapi import FastAPI, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.guard.queue import Turns
from newsdesk.types import Answer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

Figures = Callable[[], Mapping[str, float]]
"""How the archive stands: a number for each name."""


class Metrics:
    """The counters of one service."""

    def __init__(self, turns: Turns, figures: Figures) -> None:
        """`turns` and `figures` are looked at when Prometheus asks."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "newsdesk_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "newsdesk_request_seconds", "Time of a request.", ("route",), buckets=_SECONDS, registry=self._registry
        )
        self._answers = Counter("newsdesk_answers", "Answers by who wrote them.", ("mode",), registry=self._registry)
        self._unanswered = Counter(
            "newsdesk_unanswered", "Questions that the archive does not answer.", registry=self._registry
        )
        self._stages = Histogram(
            "newsdesk_stage_seconds",
            "Time of a step of answering.",
            ("stage",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._refused = Counter("newsdesk_refused", "Requests refused by limits.", ("why",), registry=self._registry)
        self._registry.register(_Now(turns, figures))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """Counts an answer, and what each of its steps took."""
        self._answers.labels(answer.mode).inc()
        if not answer.answerable:
            self._unanswered.inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def refused(self, why: str) -> None:
        """Counts a request that a limit kept out: `rate`, `caller`, `queue` or `time`."""
        self._refused.labels(why).inc()

    def text(self) -> bytes:
        """All of it, in Prometheus' form."""
        return bytes(generate_latest(self._registry))


class _Now(Collector):
    """What is looked at when it is asked for."""

    def __init__(self, turns: Turns, figures: Figures) -> None:
        self._turns = turns
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        now = {"questions_running": self._turns.running, "questions_waiting": self._turns.waiting, **self._figures()}
        for name, value in now.items():
            yield GaugeMetricFamily(f"newsdesk_{name}", name.replace("_", " ").capitalize() + ".", value=float(value))

    def describe(self) -> Iterator[Metric]:
        return iter(())


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Adds /metrics. Call it before the chat is mounted at /."""

    @app.get("/metrics", tags=["service"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def show_metrics() -> Response:
        """Figures for Prometheus: requests, answers, steps, limits, how far the indexes are."""
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})
