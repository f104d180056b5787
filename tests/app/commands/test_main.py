"""The command: exit codes, JSON, messages, and how it goes together with a running service."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from app.commands.main import app
from newsdesk import __version__
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import CANNOT_ANSWER
from tests.llm_server import LLMServer
from tests.support import ROOT, RunningService, article, environment, newsdesk, one_each, wait_until

STRIKE = "Who conducted the joint strike on al-Bab?"
COMMANDS: dict[str, Any] = getattr(get_command(app), "commands", {})


def two_articles(folder: Path) -> Path:
    """Two articles as JSON lines."""
    file = folder / "articles.jsonl"
    lines = [
        {"id": "gazette/raid", "title": "Raid", "source": "Gazette", "text": "Nine jets bombed the town of Al Bab."},
        {"id": "gazette/tram", "title": "Tram", "source": "Gazette", "text": "The tram was late again on Monday."},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Two articles as JSON lines."""
    return two_articles(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the two articles. To be copied."""
    folder = tmp_path_factory.mktemp("filled")
    done = newsdesk("ingest", two_articles(folder), "--no-vectors", "--data", folder / "data")
    assert done.returncode == 0, done.stderr
    return folder / "data"


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    """A data folder with the two articles, found by keyword."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


def result(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    """What a command printed as JSON."""
    assert done.returncode == code, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What a command complained of: never a traceback, nothing on standard output."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


# ---------------------------------------------------------------------------- wrong use


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """Which says what it does and what it takes."""
    done = newsdesk(command, "--help")
    assert done.returncode == 0
    assert command in done.stdout
    without = hasattr(COMMANDS[command], "commands") or command == "completion"
    assert "--data" in done.stdout or without, "a group has none of its own, and a shell's script needs no archive"


def test_help_and_version() -> None:
    """Without a command one is told what there is."""
    told = newsdesk("--help").stdout
    assert all(command in told for command in COMMANDS)
    assert newsdesk("--version").stdout.strip() == f"newsdesk {__version__}"
    assert newsdesk().returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["ask"], ["ingest"], ["status", "--nonsense"], ["serve", "--port", "many"], ["remove"]],
    ids=" ".join,
)
def test_wrong_use_is_2(arguments: list[str]) -> None:
    """A command or option that does not exist, or a missing argument."""
    complaint(newsdesk(*arguments), 2)


def test_a_wrong_setting_is_2_and_names_the_nearest(tmp_path: Path) -> None:
    """In the file, in the environment, on the command line."""
    (tmp_path / "newsdesk.toml").write_text("modle = 'x'")
    said = complaint(newsdesk("status", NEWSDESK_CONFIG=str(tmp_path / "newsdesk.toml")), 2)
    assert "“modle”" in said
    assert "“model”" in said
    assert "NEWSDESK_PORT" in complaint(newsdesk("status", NEWSDESK_PORT="-1"), 2)
    assert "“port”" in complaint(newsdesk("serve", "--port", "70000"), 2)


def test_a_question_that_cannot_be_asked_is_2(data: Path) -> None:
    """Empty, or with a day or a caution that there is not; the value is named."""
    complaint(newsdesk("ask", "  ", "--data", data), 2)
    said = complaint(newsdesk("ask", "x", "--as-of", "yesterday", "--data", data), 2)
    assert "--as-of cannot be “yesterday”: a day is written YYYY-MM-DD" in said
    assert "reckless" in complaint(newsdesk("ask", "x", "--caution", "reckless", "--data", data), 2)


# ---------------------------------------------------------------------------- what cannot run


@pytest.mark.parametrize(
    "arguments", [["status"], ["ask", "x"], ["search", "x"], ["remove", "x"], ["embed"], ["rebuild"]], ids=" ".join
)
def test_without_an_archive_it_is_3(tmp_path: Path, arguments: list[str]) -> None:
    """Says how to fill one, and makes none."""
    said = complaint(newsdesk(*arguments, "--data", tmp_path / "none"), 3)
    assert "newsdesk ingest" in said
    assert not (tmp_path / "none").exists()


def test_a_newer_archive_is_3(data: Path) -> None:
    """The message says so, in a line."""
    with sqlite3.connect(data / "catalogue.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    said = complaint(newsdesk("status", "--data", data), 3)
    assert "newer Newsdesk" in said
    assert len(said.splitlines()) == 1


def test_a_damaged_archive_is_3(tmp_path: Path) -> None:
    """The file is named."""
    (tmp_path / "catalogue.sqlite3").write_bytes(b"no database" * 100)
    assert "catalogue.sqlite3" in complaint(newsdesk("status", "--data", tmp_path), 3)


def test_a_data_folder_that_is_a_file_is_3(articles: Path) -> None:
    """Said in a line, which advises nobody to put articles into it."""
    for arguments in (["ingest", articles, "--no-vectors"], ["status"], ["rejects"], ["serve", "--port", "0"]):
        assert f"{articles} is a file" in complaint(newsdesk(*arguments, "--data", articles), 3)
    assert f"{articles} is a file" in complaint(newsdesk("status", "--data", articles / "below"), 3)


def test_an_empty_path_is_2(tmp_path: Path) -> None:
    """A variable that is not set must not mean the current folder."""
    assert "empty" in complaint(newsdesk("ingest", "", "--data", tmp_path / "data"), 2)


def test_a_settings_file_that_is_no_text_is_2(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "newsdesk.toml").write_bytes(b"data = '\xff'")
    said = complaint(newsdesk("status", NEWSDESK_CONFIG=str(tmp_path / "newsdesk.toml")), 2)
    assert "newsdesk.toml" in said


def test_a_full_disk_is_3(data: Path) -> None:
    """What cannot be written is said in a line, also when it is the result itself."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "newsdesk", "status", "--data", str(data)],
            cwd=ROOT,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 3
    assert done.stderr.startswith("newsdesk: No space left on device. ")
    assert len(done.stderr.splitlines()) == 1


def test_an_old_terminal_is_no_obstacle(tmp_path: Path) -> None:
    """What its encoding cannot show is spelled out."""
    (tmp_path / "a.jsonl").write_text('{"id": "é", "title": "中", "text": 1}\n')
    done = newsdesk("ingest", tmp_path, "--no-vectors", "--data", tmp_path / "data", PYTHONIOENCODING="ascii")
    assert "a.jsonl:1 (\\xe9): \\u201ctext\\u201d is a number" in done.stderr
    assert "(\\xe9)" in newsdesk("rejects", "--data", tmp_path / "data", PYTHONIOENCODING="ascii").stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_ingest_in_a_line(tmp_path: Path, number: signal.Signals) -> None:
    """With the shell's exit code; what was acknowledged is there, and the list of rejects is not shortened."""
    lines, data = tmp_path / "lines.jsonl", tmp_path / "data"
    lines.write_text("{broken\n")
    assert newsdesk("ingest", lines, "--no-vectors", "--data", data).returncode == 1
    with lines.open("a") as file:
        file.writelines(
            json.dumps({"id": str(i), "text": f"The tram is late, {i} times."}) + "\n" for i in range(50_000)
        )
    catalogue = Catalogue(data / "catalogue.sqlite3")
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "newsdesk", "ingest", str(lines), "--no-vectors", "--data", str(data)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in a script's background
        )
    wait_until(lambda: catalogue.counts().articles)
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number
    last = (tmp_path / "said").read_text().splitlines()[-1]
    assert last == "newsdesk: interrupted; what was acknowledged is kept, and the same command goes on."
    assert 0 < catalogue.counts().articles < 50_000
    assert [item.origin for item in catalogue.rejects.every()] == [f"{lines}:1"]
    catalogue.close()


# ---------------------------------------------------------------------------- filling


def test_ingest_counts_what_became_of_everything(articles: Path, tmp_path: Path) -> None:
    """0 when all was taken in, again when all was there; 1 when something was rejected, with the reason."""
    data = tmp_path / "data"
    done = result(newsdesk("ingest", articles, "--no-vectors", "--json", "--data", data))
    assert (done["added"], done["updated"], done["unchanged"], done["rejected"]) == (2, 0, 0, [])
    assert done["rejected_count"] == 0

    with articles.open("a") as file:
        file.write("{broken\n")
    done = result(newsdesk("ingest", articles, "--no-vectors", "--json", "--data", data), 1)
    assert (done["added"], done["unchanged"]) == (0, 2)
    assert set(done["rejected"][0]) == {"origin", "id", "reason"}
    assert "articles.jsonl:3" in done["rejected"][0]["origin"]

    shown = result(newsdesk("status", "--json", "--data", data))
    assert (shown["articles"], shown["rejects"]) == (2, 1)
    assert shown["last_rejects"] == done["rejected"]


def test_the_data_folder_can_be_named_in_the_environment(articles: Path, tmp_path: Path) -> None:
    """NEWSDESK_DATA, and --data before it."""
    result(newsdesk("ingest", articles, "--no-vectors", "--json", NEWSDESK_DATA=str(tmp_path / "one")))
    assert result(newsdesk("status", "--json", NEWSDESK_DATA=str(tmp_path / "one")))["articles"] == 2
    other = newsdesk("status", "--data", tmp_path / "none", NEWSDESK_DATA=str(tmp_path / "one"))
    assert other.returncode == 3


def test_status_says_what_there_is(data: Path) -> None:
    """In words, and as JSON with exact numbers."""
    shown = result(newsdesk("status", "--json", "--data", data))
    assert (shown["articles"], shown["paragraphs"], shown["passages"], shown["samples"]) == (2, 2, 2, 0)
    assert shown["vectors"] == {"done": 0, "total": 2}
    assert shown["service"] == ""
    said = newsdesk("status", "--data", data).stdout
    assert "2 articles" in said
    assert "not running" in said


def test_search_shows_the_ids_that_other_commands_take(data: Path) -> None:
    """Best first; a phrase in quotation marks has to be there; what finds nothing says so, and what is no search is 2."""
    lines = newsdesk("search", "raid", "--data", data).stdout.splitlines()
    assert lines[0] == "gazette/raid"
    told = result(newsdesk("search", "raid", "--json", "--data", data))
    assert told["results"][0]["article_id"] == "gazette/raid"
    assert newsdesk("search", '"raid of the penguins"', "--data", data).stdout == "Nothing was found.\n"
    assert "to search for" in complaint(newsdesk("search", "  ", "--data", data), 2)
    assert "newsdesk search" in complaint(newsdesk("history", "gone", "--data", data), 2)


def test_remove_takes_all_or_none(data: Path) -> None:
    """An unknown id is wrong use, is named, and removes nothing."""
    assert "“gone”" in complaint(newsdesk("remove", "gazette/raid", "gone", "--data", data), 2)
    done = result(newsdesk("remove", "gazette/raid", "--json", "--data", data))
    assert done == {"removed": ["gazette/raid"]}
    assert result(newsdesk("status", "--json", "--data", data))["articles"] == 1


def test_who_brings_the_first_article_is_told_that_the_samples_left(tmp_path: Path) -> None:
    """How many, in words and as JSON; the next article, after which there is none to leave, brings no such words."""
    catalogue = Catalogue(tmp_path / "data" / "catalogue.sqlite3")
    catalogue.put([article(f"s{number}", "Only a sample.", sample=True) for number in range(3)], one_each)
    catalogue.close()
    own = [tmp_path / name for name in ("one.txt", "two.txt", "three.txt")]
    for file in own:
        file.write_text(f"The ferry of the file {file.name} was repainted on Thursday, its owner said.")

    def ingest(file: Path, *more: str) -> subprocess.CompletedProcess[str]:
        return newsdesk("ingest", file, "--no-vectors", *more, "--data", tmp_path / "data")

    assert ingest(own[0]).stdout == "1 added, 0 updated, 0 unchanged, 0 rejected; the 3 sample articles left\n"
    assert result(ingest(own[1], "--json"))["samples_left"] == 0
    assert "sample" not in ingest(own[2]).stdout


def test_the_sample_stays_out_of_an_archive_that_is_in_use(data: Path) -> None:
    """`make run` loads it again and again without harm."""
    assert result(newsdesk("sample", "--json", "--data", data)) == {"articles": 2}
    assert result(newsdesk("status", "--json", "--data", data))["samples"] == 0


def test_embed_completes_an_archive(data: Path, tiny_models: list[str]) -> None:
    """With the model that is asked for; again there is nothing to do; `rebuild` then makes both views afresh."""
    done = result(newsdesk("embed", "--json", "--model", tiny_models[0], "--data", data))
    assert done == {"vectors": "complete"}
    shown = result(newsdesk("status", "--json", "--data", data))
    assert (shown["vectors"], shown["model"]) == ({"done": 2, "total": 2}, tiny_models[0])

    shutil.rmtree(next(data.glob("keyword-*")))
    rebuilt = result(newsdesk("rebuild", "--json", "--data", data))
    assert (rebuilt["passages"], rebuilt["vectors"]) == (2, {"done": 2, "total": 2})
    assert (data / "chroma" / "clean-close").exists()


# ---------------------------------------------------------------------------- asking


def test_ask_answers_with_sources(sample_data: Path) -> None:
    """Without a service: text, how sure it is, then each source on a line; what the archive does not say it says."""
    done = newsdesk("ask", STRIKE, "--data", sample_data)
    assert done.returncode == 0, done.stderr
    text, sure, sources, receipt = done.stdout.split("\n\n")
    assert receipt.startswith("Searched 73 articles of 6 outlets from 5 January 2017 to 7 March 2017; ")
    assert "Russia" in text
    assert text.endswith("]")
    assert re.fullmatch("(High|Fair|Low) confidence.*", sure)
    assert sources.startswith("[1] ")
    cited = json.loads(newsdesk("ask", STRIKE, "--json", "--data", sample_data).stdout)["citations"][0]
    assert sources.splitlines()[0].endswith(f"; {cited['article_id']}, paragraph {cited['paragraph'] + 1}")

    refused = newsdesk("ask", "Who won the 2018 World Cup?", "--data", sample_data)
    assert refused.returncode == 0
    assert refused.stdout.startswith(f"{CANNOT_ANSWER}\n\nHigh confidence that the archive does not say\n\n")
    assert "Nearest articles:" in refused.stdout

    dated = newsdesk("ask", "When was the joint strike?", "--data", sample_data)
    assert "\n\nWednesday = 18 January 2017, from the article's date\n\n" in dated.stdout

    listed = newsdesk("ask", "Which outlets reported the school march?", "--data", sample_data)
    assert "Looked through what was published" in listed.stdout
    assert "confidence" not in listed.stdout


def test_ask_says_how_much_of_what_an_llm_wrote_was_verified(sample_data: Path) -> None:
    """The count stands with the answer; what was removed comes last before the receipt, with its reason; the key is nowhere."""
    true = "The joint strike on el-Bab was conducted by the air forces of Russia and Turkey, the defence ministry in Moscow announced."
    server = LLMServer(lambda _: f"{true} Norway paid for it. [1]")
    with server:
        llm = {"NEWSDESK_LLM": f"openai-like:{server.url}#tiny", "NEWSDESK_LLM_KEY": "sk-73hx-secret"}
        done = newsdesk("ask", STRIKE, "--data", sample_data, **llm)
    assert done.stdout.startswith(f"{true} [1]\n")
    assert "\n1 of 2 sentences verified\n" in done.stdout
    assert done.stdout.splitlines()[-3].startswith("Removed: Norway paid for it. (")
    assert "sk-73hx-secret" not in done.stdout + done.stderr


def test_an_llm_that_there_cannot_be_is_said_at_once(sample_data: Path) -> None:
    """Which forms the setting has, with exit code 2."""
    done = newsdesk("ask", STRIKE, "--data", sample_data, NEWSDESK_LLM="gpt")
    assert done.returncode == 2
    assert "ollama:NAME" in done.stderr


def test_ask_uses_the_running_service(service: RunningService) -> None:
    """It gives the service's answer, and loads no model of its own for it."""
    done = newsdesk("ask", STRIKE, "--json", "--data", service.data, options=["-X", "importtime"])
    answer = result(done)
    served = httpx.post(f"{service.url}/api/ask", json={"question": STRIKE}, timeout=60).json()
    assert {**answer, "timings_ms": {}} == {**served, "timings_ms": {}}
    assert "app.service.ownership" in done.stderr
    assert all(heavy not in done.stderr for heavy in ("torch", "llama_index", "tantivy"))
    said = complaint(newsdesk("ask", "x", "--as-of", "2017-02-30", "--data", service.data), 2)
    assert said.startswith("newsdesk: --as-of cannot be “2017-02-30”: there is no such day"), (
        "in the command's own words"
    )
    assert "docs" not in said


def test_a_proxy_does_not_come_between(service: RunningService) -> None:
    """The service is on this machine; settings for the web must not hide it."""
    nowhere = "http://127.0.0.1:9"
    variables = {"http_proxy": nowhere, "HTTP_PROXY": nowhere, "ALL_PROXY": nowhere}
    done = newsdesk("ask", STRIKE, "--json", "--data", service.data, options=["-X", "importtime"], **variables)
    assert result(done)["answerable"]
    assert "llama_index" not in done.stderr


def test_status_names_the_service(service: RunningService) -> None:
    """Its address, as long as it runs."""
    assert result(newsdesk("status", "--json", "--data", service.data))["service"] == service.url


def test_what_needs_the_folder_alone_is_refused_beside_a_service(service: RunningService) -> None:
    """A second `serve` and `rebuild` name the service that runs; it is not disturbed."""
    for arguments in (["serve", "--port", "0"], ["rebuild"]):
        said = complaint(newsdesk(*arguments, "--data", service.data), 3)
        assert str(service.pid) in said
        assert service.url in said
    assert httpx.get(f"{service.url}/readyz", timeout=60).status_code == 200


def test_a_port_that_is_taken_is_2(service: RunningService, tmp_path: Path) -> None:
    """Said before any work, with what to do."""
    port = service.url.rpartition(":")[2]
    said = complaint(newsdesk("serve", "--port", port, "--data", tmp_path / "data"), 2)
    assert port in said
    assert "--port" in said
    assert not (tmp_path / "data").exists()


def test_a_model_that_cannot_be_loaded_leaves_no_trace(articles: Path, tmp_path: Path) -> None:
    """A mistyped model is an error once; it does not become the model that questions are asked with."""
    (tmp_path / "no-model").mkdir()
    done = newsdesk("ingest", articles, "--data", tmp_path / "data", "--model", tmp_path / "no-model")
    assert "holds no model" in complaint(done, 3)
    assert result(newsdesk("status", "--data", tmp_path / "data", "--json"))["model"] == ""


def test_what_is_mended_leaves_the_list_of_rejects(tmp_path: Path) -> None:
    """A file that could not be read is forgotten when it is read again."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "story.jsonl").write_text("{broken\n")
    (tmp_path / "other.jsonl").write_text("{broken\n")
    data = tmp_path / "data"
    assert newsdesk("ingest", tmp_path / "in", tmp_path / "other.jsonl", "--data", data, "--no-vectors").returncode == 1
    (tmp_path / "in" / "story.jsonl").write_text('{"id": "a", "text": "The tram is late."}\n')
    assert newsdesk("ingest", tmp_path / "in", "--data", data, "--no-vectors").returncode == 0
    [left] = result(newsdesk("status", "--data", data, "--json"))["last_rejects"]
    assert "other.jsonl" in left["origin"]


def test_a_wrong_evaluation_is_one_line(tmp_path: Path) -> None:
    """Before any work starts: a folder without questions, a report that cannot be written, too few passages."""
    assert "questions.jsonl" in complaint(newsdesk("eval", tmp_path), 2)
    done = newsdesk("eval", "eval/sample", "--json", tmp_path / "none" / "report.json")
    assert "--json" in complaint(done, 2)
    assert "not a file" in complaint(newsdesk("eval", "embedding-speed", tmp_path / "none"), 2)


def test_fields_of_others_are_named_on_the_command_line(tmp_path: Path) -> None:
    """`--map` names them; what it cannot mean is refused before anything is read."""
    lines = tmp_path / "a.json"
    lines.write_text('[{"inhalt": "The mill of Orm burnt down.", "nr": 7}]')
    data = tmp_path / "data"
    done = newsdesk("ingest", lines, "--map", "text=inhalt,id=nr", "--no-vectors", "--data", data)
    assert (done.returncode, "1 added" in done.stdout) == (0, True)
    assert "--map" in complaint(newsdesk("ingest", lines, "--map", "inhalt", "--data", data), 2)


def test_a_record_without_a_field_for_the_text_is_told_with_the_option(tmp_path: Path) -> None:
    """As it is read and on the list of rejects; it is no article in the progress."""
    lines, data = tmp_path / "a.jsonl", tmp_path / "data"
    lines.write_text('{"text": "The quay of Orm sank.", "id": 3}\n{"tekst": "The mill burnt down.", "id": 4}\n')
    done = newsdesk("ingest", lines, "--no-vectors", "--data", data)
    assert done.returncode == 1
    for told in (done.stderr, newsdesk("rejects", "--data", data).stdout):
        assert "there is “tekst”; the usual names are text, body" in told
        assert "--map text=NAME" in told
    assert "MB, 1 article, " in done.stderr
