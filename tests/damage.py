"""Damages every file of a data folder in turn, and shows that Newsdesk heals it or says what is lost.

    python -m tests.damage [--data DIR] [--seed 1] [--only PART] [--keep]

Two states of the sample archive: closed cleanly, and left behind by a kill -9 of a service and of an ingest beside
it. Each file is cut to half, emptied, zeroed, flipped in one bit at three places and deleted, each in a fresh copy,
which is then opened by a process of its own as the service opens it; cut to half, by a real service.

Of every file but the catalogue's: both views end equal to the catalogue, the answers are the same, no vector is
lost, and what was made again is in the log. Of the catalogue: nothing that matters was hit, or it is said, with the
way back, and a backup brings everything back; nothing is ever quoted that was not stored. Of its journal: what
is lost is said, what remains is sound, and it goes on. A crash or a traceback is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.support import (
    ASKING,
    ENOUGH,
    ROOT,
    SAMPLE,
    environment,
    newsdesk,
    start_service,
    stop_service,
    wait_until,
    wait_until_complete,
)
from tests.warm import PROCESSES

if TYPE_CHECKING:
    from index.archive import Archive

HARMS = ("half", "empty", "zeroed", "flip in the middle", "flip", "another flip", "deleted")
CATALOGUE, JOURNAL = "catalogue.sqlite3", "catalogue.sqlite3-wal"
MADE_AGAIN = {"keyword": r"keyword index .* made again", "chroma": r"vector index .* made again"}
"""View -> what the log says when it was made again."""

_ASKED = 20
_DRAWN = 30  # some change with the ranking's small differences between an index that grew and one made at once
_LATER = 900  # articles of the ingest that is killed
_KILLED_AT = 500  # of them; so many that the journal was brought into the file once
_SAMPLES = 73  # articles of the sample
_AT_ONCE = 2
_PATIENCE = 600.0  # seconds until a service must be complete, or a process must have ended


# ---------------------------------------------------------------------------- the damage


def harmed(content: bytes, harm: str, random: Random) -> bytes | None:
    """What a file holds after the harm; None when it is gone."""
    match harm:
        case "half":
            return content[: len(content) // 2]
        case "empty":
            return b""
        case "zeroed":
            return bytes(len(content))
        case "deleted":
            return None
    if not content:
        return content
    place = len(content) // 2 if harm == "flip in the middle" else random.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << random.randrange(8)]) + content[place + 1 :]


def damage(file: Path, harm: str, random: Random) -> bool:
    """Does it; False when the file is as it was."""
    before = file.read_bytes()
    after = harmed(before, harm, random)
    if after is None:
        file.unlink()
    else:
        file.write_bytes(after)
    return after != before


def files_of(data: Path) -> list[str]:
    """Every file below a data folder, by its path in it."""
    return sorted(str(file.relative_to(data)) for file in data.rglob("*") if file.is_file())


def kind_of(file: str) -> str:
    """The name without what differs from one archive to the next."""
    return re.sub(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:\.\d+)?", "*", file)


# ---------------------------------------------------------------------------- what an opened archive shows


@dataclass
class Found:
    """What an archive showed to whoever opened it and brought its views up to date."""

    errors: list[str] = field(default_factory=list)
    """Messages of errors of ours."""
    articles: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    """Question -> what is shown of its answer."""
    shown: list[str] = field(default_factory=list)
    """Every quotation and every passage that was shown."""
    keyword: bool = False
    """Whether the keyword view equals the catalogue."""
    chroma: bool = False
    vectors: list[int] = field(default_factory=list)
    """Passages with a vector, and all."""
    last: list[int] = field(default_factory=list)
    """Place of the catalogue's newest change."""
    stood: list[int] = field(default_factory=list)
    """Where the keyword view stood before it caught up."""
    log: str = ""
    exit_code: int = 0

    @property
    def broken(self) -> str:
        """How the process failed, in words: by a signal, a panic or a traceback."""
        if self.exit_code:
            return f"the process ended with {self.exit_code}"
        return next((word for word in ("Traceback", "panicked") if word in self.log), "")


def look(data: Path, questions: Sequence[str]) -> Found:
    """Opens an archive in this process as the service does, and asks."""
    from app.service.ownership import Ownership
    from index.archive import Archive
    from newsdesk.errors import NewsdeskError
    from newsdesk.settings import Settings
    from newsdesk.types import Question

    found = Found()

    def tried(step: Callable[[], object]) -> bool:
        try:
            step()
        except NewsdeskError as error:
            found.errors.append(str(error))
            return False
        return True

    def follow() -> None:
        found.stood = list(archive.keyword.reached)
        archive.keyword.catch_up()

    def look_around() -> None:
        found.articles = archive.catalogue.counts().articles
        found.last = list(archive.catalogue.changes.last())
        progress = archive.dense.vectors.progress(archive.dense.vectors.active())
        found.vectors = [progress.done, progress.total]
        found.keyword, found.chroma = _keyword_is_whole(archive), _chroma_is_whole(archive)

    def ask(question: str) -> None:
        answer = archive.engine.ask(Question(question))
        found.answers[question] = [answer.text, *((cited.article_id, cited.paragraph) for cited in answer.citations)]
        found.shown += [cited.quote for cited in answer.citations] + [item.text for item in answer.evidence]

    owner = Ownership(data)
    try:
        archive = Archive(Settings(data=data))
    except NewsdeskError as error:
        found.errors.append(str(error))
        return found
    tried(follow) or tried(archive.keyword.catch_up)
    tried(archive.dense.load)
    for _ in range(2):  # a view that fails is thrown away and made anew by the next following
        tried(lambda: archive.dense.follow_with_chroma(threading.Event()))
    tried(look_around)
    for question in questions:
        tried(lambda question=question: ask(question))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    tried(archive.close)
    owner.release()
    return found


def _keyword_is_whole(archive: Archive) -> bool:
    """Each passage is found by its words, once, and nothing else is."""
    from index.find.keyword import FOLLOWED
    from index.text.terms import query_terms
    from newsdesk.types import Filters

    numbers = archive.catalogue.passage_numbers(Filters())
    seen: set[int] = set()
    for number, passage in archive.catalogue.passages(numbers).items():
        hits = Counter(hit for hit, _ in archive.keyword.search(dict.fromkeys(query_terms(passage.text), 1.0), ENOUGH))
        if hits[number] != 1:
            return False
        seen.update(hits)
    return seen == set(numbers) and archive.keyword.reached == archive.catalogue.changes.last(FOLLOWED)


def _chroma_is_whole(archive: Archive) -> bool:
    """It holds each passage that has a vector, and of a sample of them almost all find themselves."""
    from newsdesk.types import Filters

    vectors, view = archive.dense.vectors, archive.dense._chroma  # what it holds cannot be asked for by searching
    model = vectors.active()
    if model is None or view is None:
        return False
    numbers, rows = vectors.load(model, archive.catalogue.passage_numbers(Filters()))
    held = sorted(int(number) for number in view._collection.get(include=[])["ids"])
    nearest = [view.search(row, 1)[0] for row in rows[:: max(1, len(rows) // 20)]]
    missed = sum(cosine < 1 - 1e-3 for _, cosine in nearest)
    # Among hundreds of sentences that are almost the same, Chroma's graph now and then does not lead to one.
    return held == sorted(numbers) and missed <= 1 and view.reached == archive.catalogue.changes.last()


def look_in_child(data: Path, questions: Sequence[str]) -> Found:
    """The same in a new process, which may crash."""
    process = PROCESSES.Process(target=_look_and_report, args=(data, questions))
    process.start()
    process.join(_PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
    report = Path(f"{data}.found")
    found = Found(**json.loads(report.read_text())) if process.exitcode == 0 else Found()
    found.log, found.exit_code = Path(f"{data}.log").read_text(errors="replace"), process.exitcode or 0
    return found


def _look_and_report(data: Path, questions: Sequence[str]) -> None:
    import logging

    with Path(f"{data}.log").open("a") as log:
        os.dup2(log.fileno(), 2)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    found = look(data, questions)
    Path(f"{data}.found").write_text(json.dumps(found.__dict__))


# ---------------------------------------------------------------------------- the states


@dataclass(frozen=True)
class State:
    """An archive before any damage."""

    name: str
    folder: Path
    """Never opened, only copied."""
    backup: Path
    questions: Sequence[str]
    found: Found
    """Of a copy without damage."""
    again: Sequence[object] = ()
    """The sources of everything, for one more `newsdesk ingest`."""
    after: Found = field(default_factory=Found)
    """Of a copy without damage, after that."""

    @property
    def clean(self) -> bool:
        """Whether it was closed cleanly."""
        return not (self.folder / JOURNAL).exists()


def make_clean(folder: Path) -> None:
    """The sample archive with its vectors and both views, in a new folder."""
    run("sample", "--data", folder)
    run("rebuild", "--data", folder)


def make_killed(clean: Path, folder: Path, later: Path) -> None:
    """`clean` after kill -9 of a service and of an ingest, both in the middle of writing."""
    shutil.copytree(clean, folder)
    later.write_text("".join(json.dumps(line) + "\n" for line in _later_articles()))
    service = _in_group("serve", "--port", "0", "--data", folder)
    try:
        wait_until(lambda: (folder / JOURNAL).exists() and not (folder / "chroma" / "clean-close").exists())
        run("ingest", SAMPLE / "articles.jsonl", "--data", folder)
        ingest = _in_group("ingest", later, "--no-vectors", "--data", folder)
        try:
            wait_until(lambda: _stopped_while_writing(folder, service, ingest))
        finally:
            _kill(ingest)
    finally:
        _kill(service)


def _later_articles() -> Iterator[dict[str, str]]:
    for number in range(_LATER):
        text = f"The clerk of quay {number} wrote line {number} into the ledger of barge {number % 7}."
        yield {"id": f"later/{number}", "title": f"Ledger {number}", "text": f"{text}\n\nNothing else was noted."}


def _stopped_while_writing(folder: Path, service: subprocess.Popen[bytes], ingest: subprocess.Popen[bytes]) -> bool:
    """Both are stopped at a moment when the keyword index is being written and the ingest is not at its end."""
    assert ingest.poll() is None, "the ingest ended before it could be killed"
    for process in (ingest, service):
        os.killpg(process.pid, signal.SIGSTOP)
    if _articles(folder) > _SAMPLES + _KILLED_AT and not (folder / "keyword-4" / "meta.sealed").exists():
        return True
    for process in (service, ingest):
        os.killpg(process.pid, signal.SIGCONT)
    return False


def _articles(folder: Path) -> int:
    """How many the catalogue holds, read without opening it."""
    import sqlite3

    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{folder / CATALOGUE}?mode=ro", uri=True, timeout=0)
        try:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
        finally:
            connection.close()
    return 0


def _in_group(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "newsdesk", *map(str, arguments)],
        cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        process_group=0,
    )  # fmt: skip


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(*arguments: object) -> None:
    """A command that has to end well."""
    done = newsdesk(*arguments)
    assert done.returncode == 0, done.stderr


def prepare(name: str, folder: Path, questions: Sequence[str], again: Sequence[object]) -> State:
    """The state in `folder`, with its backup and what is expected of it; `again` is what takes everything in."""
    work, backup = folder.with_name(f"{name}.work"), folder.with_name(f"{name}.backup")
    shutil.copytree(folder, work)
    found = _look_twice(work, questions)
    run("backup", backup, "--data", work)

    after = found
    if again:
        run("ingest", *again, "--data", work)
        after = _look_twice(work, questions)
    shutil.rmtree(work)
    return State(name, folder, backup, questions, found, again, after)


def _look_twice(data: Path, questions: Sequence[str]) -> Found:
    """What is found, with the answers that are the same from views that were made anew."""
    found = look_in_child(data, questions)
    must_be_whole(found, found)
    for view in ("keyword-4", "chroma"):
        shutil.rmtree(data / view)
    anew = look_in_child(data, questions).answers
    same = [question for question in questions if found.answers[question] == anew[question]]
    must(len(same) >= _ASKED, f"only {len(same)} answers do not depend on how the views were made")
    found.answers = {question: found.answers[question] for question in same[:_ASKED]}
    return found


# ---------------------------------------------------------------------------- the verdict


class Failed(Exception):
    """Newsdesk did not do what it promises."""


def must(condition: object, otherwise: str) -> None:
    """Raises Failed with these words unless the condition holds."""
    if not condition:
        raise Failed(otherwise)


def judge(state: State, data: Path, file: str, harm: str) -> str:
    """What became of one damaged copy: "healed", "harmless" or "said ..."; raises Failed."""
    if file == CATALOGUE:
        return judge_catalogue(state, data)
    if file == JOURNAL:
        return _judge_journal(state, data)
    if harm == "half" and state.clean:
        _serve(state, data)
    found = look_in_child(data, state.questions)
    must_be_whole(found, state.found)
    logged = _made_again(found)
    if state.clean:
        silently = set(MADE_AGAIN) - logged - _surviving(state.folder, data)
        must(not silently, f"made again without a word in the log: {silently}")
    return "healed" if logged - _made_again(state.found) else "harmless"


def _made_again(found: Found) -> set[str]:
    return {view for view, words in MADE_AGAIN.items() if re.search(words, found.log)}


def _surviving(before: Path, after: Path) -> set[str]:
    """The views that are still, in part, the files that they were."""
    kept = set(files_of(before)) & set(files_of(after))
    ends = {"keyword": (".store", ".idx"), "chroma": ("header.bin", "length.bin")}
    return {view for view in ends if any(file.endswith(ends[view]) for file in kept)}


def must_be_whole(found: Found, expected: Found) -> None:
    """Nothing failed, both views equal the catalogue, and all is as expected; raises Failed."""
    must(not found.broken, f"{found.broken}: {found.log[-2000:]}")
    must(not found.errors, f"errors: {found.errors[:2]}")
    must(found.articles == expected.articles, f"{found.articles} articles instead of {expected.articles}")
    must(found.vectors == expected.vectors, f"vectors {found.vectors} instead of {expected.vectors}")
    must(found.keyword, "the keyword view does not equal the catalogue")
    must(found.chroma, "the vector view does not equal the catalogue")
    differing = [question for question, answer in expected.answers.items() if found.answers.get(question) != answer]
    must(not differing, f"other answers to {differing}")


def _serve(state: State, data: Path) -> None:
    """A real service must become ready on it, and answer as before."""
    import httpx

    log = Path(f"{data}.log")
    process, url = start_service(data, log, NEWSDESK_READER="none")  # as the answers compared with were found
    try:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            wait_until(lambda: client.get("/readyz").status_code == 200, _PATIENCE, pause=ASKING)
            wait_until_complete(url, _PATIENCE)
            for question, (expected, *_) in state.found.answers.items():
                text = client.post("/api/ask", json={"question": question}).json().get("text")
                must(text == expected, f"the service answered otherwise to {question!r}")
    except AssertionError as error:
        raise Failed(f"the service: {error}: {log.read_text()[-2000:]}") from error
    finally:
        code = stop_service(process)
    must(code == 0, f"the service ended with {code}: {log.read_text()[-2000:]}")


def judge_catalogue(state: State, data: Path) -> str:
    """The verdict on a copy whose catalogue is damaged: "harmless" or "said"; raises Failed."""
    found = look_in_child(data, state.questions)
    _must_be_honest(found, state)
    checked = newsdesk("check", "--json", "--data", data)
    if not _said(checked):
        must(checked.returncode == 0, f"check ended with {checked.returncode}: {checked.stderr}")
        dropped = json.loads(checked.stdout)["dropped_vectors"]
        if not dropped:
            must_be_whole(look_in_child(data, state.questions), state.found)
            return "harmless"
        logged = "vectors are damaged" in found.log
        must(logged, "vectors were passed over without a word")
    must(found.errors or found.articles, "an empty archive without a word")
    run("restore", state.backup, "--replace", "--data", data)
    must_be_whole(look_in_child(data, state.questions), state.found)
    return "said"


def _judge_journal(state: State, data: Path) -> str:
    found = look_in_child(data, state.questions)
    _must_be_honest(found, state)
    checked = newsdesk("check", "--data", data)
    if _said(checked):
        run("restore", state.backup, "--replace", "--data", data)
        must_be_whole(look_in_child(data, state.questions), state.found)
        return "said"
    must(checked.returncode == 0, f"check ended with {checked.returncode}: {checked.stderr}")
    must(found.keyword and found.chroma and not found.errors, f"what remains is not sound: {found.errors}")
    lost = found.last != state.found.last
    logged = "stands on a change that the catalogue does not have" in found.log
    must(logged or not lost or found.last >= state.found.stood, "changes that a view had were lost without a word")
    run("ingest", *state.again, "--data", data)
    must_be_whole(look_in_child(data, state.questions), state.after)
    return ("lost, said" if logged else "lost, unseen") if lost else "harmless"


def _must_be_honest(found: Found, state: State) -> None:
    """No crash; errors name the way back; nothing is shown that was not stored."""
    must(not found.broken, f"{found.broken}: {found.log[-3000:]}")
    unhelpful = [error for error in found.errors if "newsdesk restore" not in error]
    must(not unhelpful, f"errors without the way back: {unhelpful[:2]}")
    stored = set(state.found.shown)
    strange = [text for text in found.shown if text not in stored and text not in _texts(state)]
    must(not strange, f"shown but never stored: {strange[:2]}")


def _texts(state: State) -> str:
    """Everything the sample says, and what was taken in later."""
    texts = [json.loads(line)["text"] for line in (SAMPLE / "articles.jsonl").read_text().splitlines()]
    return "\n\n".join([*texts, *(line["text"] for line in _later_articles())])


def _said(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the command refused in the promised way."""
    must("Traceback" not in done.stderr and "panicked" not in done.stderr, done.stderr[-3000:])
    must(done.returncode >= 0, f"the command ended with {done.returncode}")
    last = (done.stderr.strip().splitlines() or [""])[-1]
    return done.returncode == 3 and last.startswith("newsdesk: ") and "newsdesk restore" in last


# ---------------------------------------------------------------------------- the whole


@dataclass(frozen=True)
class Case:
    """One file of one state, and the harm done to it."""

    state: State
    file: str
    harm: str
    seed: int

    def outcome(self, folder: Path, *, keep: bool) -> tuple[str, str]:
        """The verdict, and why it failed if it did."""
        data = folder / re.sub(r"\W+", "-", f"{self.state.name} {self.file} {self.harm}")
        shutil.copytree(self.state.folder, data)
        if not damage(data / self.file, self.harm, Random(f"{self.seed} {kind_of(self.file)} {self.harm}")):
            verdict, why = "-", ""
        else:
            try:
                verdict, why = judge(self.state, data, self.file, self.harm), ""
            except (Failed, AssertionError, subprocess.TimeoutExpired) as error:
                verdict, why = "FAILED", str(error)
        if not (keep and why):
            for left in data.parent.glob(f"{data.name}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        return verdict, why


def cases_of(state: State, seed: int, only: str = "") -> list[Case]:
    """Every harm to every file of the state whose path holds `only`."""
    return [Case(state, file, harm, seed) for file in files_of(state.folder) if only in file for harm in HARMS]


def sample_questions(seed: int) -> list[str]:
    """Some of the sample's, drawn by the seed."""
    lines = (SAMPLE / "questions.jsonl").read_text().splitlines()
    return [json.loads(line)["question"] for line in Random(seed).sample(lines, _DRAWN)]


def table(rows: Iterable[tuple[Case, str]]) -> str:
    """State and file kind by harm."""
    verdicts: dict[tuple[str, str], dict[str, str]] = {}
    for case, verdict in rows:
        line = verdicts.setdefault((case.state.name, kind_of(case.file)), {})
        line[case.harm] = "FAILED" if "FAILED" in (verdict, line.get(case.harm)) else verdict
    lines = [f"{'':44}" + "".join(f"{harm:19}" for harm in HARMS)]
    for (state, kind), line in verdicts.items():
        lines.append(f"{state:7} {kind:36}" + "".join(f"{line.get(harm, ''):19}" for harm in HARMS))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it and prints the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.damage", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a closed data folder of the sample archive, with its vector index")
    parser.add_argument("--seed", type=int, default=1, help="decides the questions, and the places and bits of flips")
    parser.add_argument("--only", default="", help="only files whose path holds this")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what failed")
    given = parser.parse_args(arguments)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="newsdesk-damage-"))
    clean, killed, later = folder / "clean", folder / "killed", folder / "later.jsonl"
    if given.data:
        shutil.copytree(given.data, clean)
    else:
        make_clean(clean)
    make_killed(clean, killed, later)
    questions = sample_questions(given.seed)
    states = [
        prepare("clean", clean, questions, ()),
        prepare("killed", killed, questions, (SAMPLE / "articles.jsonl", later)),
    ]
    cases = [case for state in states for case in cases_of(state, given.seed, given.only)]
    rows = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = pool.map(lambda case: case.outcome(folder, keep=given.keep), cases)
        for case, (verdict, why) in zip(cases, outcomes, strict=True):
            rows.append((case, verdict))
            print(
                f"{time.monotonic() - began:5.0f} s  {case.state.name}: {case.file}: {case.harm}: {verdict} {why}",
                flush=True,
            )
    failed = sum(verdict == "FAILED" for _, verdict in rows)
    print(
        f"\n{table(rows)}\n\n{len(rows)} damages, {failed} failed, seed {given.seed}, {time.monotonic() - began:.0f} s"
    )
    if given.keep:
        print(f"The folders are in {folder}.")
    else:
        shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
