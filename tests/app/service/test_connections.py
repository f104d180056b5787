"""Clients that keep a connection waiting cost others nothing."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.service.connections import PATIENCE_SECONDS, WaitingRoom, bound_connections, raise_descriptor_limit
from tests.support import ROOT, environment, wait_until, wait_until_complete

LARGE = 50_000_000  # bytes: more than the sockets of both sides hold
ASKED = json.dumps({"question": "Who conducted the joint strike on al-Bab?"}).encode()
HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_A_BODY = (
    b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Application:
    """Answers with as many bytes as the path says, when the whole body is there; counts what it is at."""

    def __init__(self) -> None:
        self.busy = 0
        self.hold = threading.Event()
        self.hold.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.busy += 1
        try:
            while (message := await receive()).get("more_body"):
                pass
            if message["type"] == "http.disconnect":
                return
            while not self.hold.is_set():
                await asyncio.sleep(0.01)
            size = int(scope["path"].strip("/") or 2)
            headers = [(b"content-length", str(size).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"x" * size})
        finally:
            self.busy -= 1


@contextmanager
def serving(application: Application, most: int = 100, patience: float = PATIENCE_SECONDS) -> Iterator[tuple[str, int]]:
    """A real server of it in a thread: where it listens."""
    config = uvicorn.Config(application, ws="none", lifespan="off", log_level="critical", timeout_keep_alive=60)
    bound_connections(config, WaitingRoom(most, patience))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        where = listening.getsockname()[:2]
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield where
        finally:
            application.hold.set()
            server.should_exit = True
            thread.join()


def closed(connection: socket.socket) -> bool:
    """Whether the server has closed it; waits for something to come."""
    connection.settimeout(60)
    with suppress(ConnectionError):
        return connection.recv(1) == b""
    return True


def still_open(connection: socket.socket) -> bool:
    """Whether nothing has come, not even the end."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF_A_HEAD,
        HALF_A_BODY,
        b"\r\n",
        WHOLE[:-1],
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_half_a_request_is_not_waited_for_longer(sent: bytes) -> None:
    """Whatever of it has come; the application is told that the client is gone."""
    application = Application()
    with serving(application, patience=0.2) as where, socket.create_connection(where) as connection:
        connection.sendall(sent)
        assert closed(connection)
        wait_until(lambda: application.busy == 0)


def test_a_client_that_drips_is_not_waited_for_longer() -> None:
    """A byte now and then does not win time."""
    with serving(Application(), patience=0.5) as where, socket.create_connection(where) as connection:
        connection.sendall(HALF_A_HEAD)

        def refused() -> bool:
            try:
                connection.sendall(b"x")
            except ConnectionError:
                return True
            return False

        wait_until(refused)


@pytest.mark.parametrize("path", [b"/50000000", b"/300000"])
def test_a_client_that_does_not_read_is_not_waited_for_longer(path: bytes) -> None:
    """Neither while its answer is being written nor after: the descriptor comes back."""
    application = Application()
    with serving(application, patience=0.3) as where, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(where)
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        wait_until(lambda: _gone(where[1]) and application.busy == 0)


def _gone(port: int) -> bool:
    """Whether this process holds no server's end of a connection to the port: nothing is waited for."""
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    inodes = {line.split()[9] for line in lines if line.split()[1].endswith(f":{port:04X}") and line.split()[3] != "0A"}
    own = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            own.add(str(entry.readlink()))
    return not any(f"socket:[{inode}]" in own for inode in inodes)


def test_a_slow_reader_that_reads_gets_everything() -> None:
    """Time is counted anew whenever it has read a piece."""
    with serving(Application(), patience=0.5) as where, socket.create_connection(where) as connection:
        connection.sendall(b"GET /5000000 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = 0
        while part := connection.recv(500_000):
            received += len(part)
            time.sleep(0.05)  # slower than it is sent: that is what is tried
        assert received > 5_000_000


def test_an_answer_in_the_making_is_waited_for() -> None:
    """However long it takes: the client has done its part."""
    application = Application()
    with serving(application, patience=0.1) as where, socket.create_connection(where) as connection:
        application.hold.clear()
        connection.sendall(WHOLE)
        wait_until(lambda: application.busy == 1)
        with socket.create_connection(where) as other:
            assert closed(other), "by now the time of a waiting one is over"
        assert still_open(connection)
        application.hold.set()
        connection.settimeout(60)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_the_one_that_waits_longest_makes_room() -> None:
    """When more wait than may; requests that are being answered do not count."""
    application = Application()
    with serving(application, most=3) as where, ExitStack() as stack:

        def connect(sent: bytes) -> socket.socket:
            connection = stack.enter_context(socket.create_connection(where))
            connection.sendall(sent)
            return connection

        application.hold.clear()
        asked = [connect(WHOLE) for _ in range(5)]
        wait_until(lambda: application.busy == 5)
        waiting = [connect(HALF_A_BODY)]
        wait_until(lambda: application.busy == 6)  # it was there before the others
        waiting += [connect(HALF_A_HEAD) for _ in range(4)]
        assert closed(waiting[0])
        assert closed(waiting[1])
        assert all(map(still_open, [*waiting[2:], *asked]))
        application.hold.set()
        for connection in asked:
            connection.settimeout(60)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_requests_one_after_another_share_a_connection() -> None:
    """Also when several are sent at once; each gets its answer, in order."""
    with serving(Application(), most=1) as where, socket.create_connection(where) as connection:
        file = connection.makefile("rb")
        for sent in (WHOLE, WHOLE * 3, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" + WHOLE):
            connection.sendall(sent)
            for _ in range(sent.count(b"HTTP/1.1")):
                assert file.readline() == b"HTTP/1.1 200 OK\r\n"
                while file.readline() != b"\r\n":
                    pass
                assert file.read(2) == b"xx"


def test_the_limit_of_descriptors_is_raised() -> None:
    """As far as it may be, within reason."""
    code = (
        "import resource\nfrom app.service.connections import raise_descriptor_limit\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))\n"
        "assert raise_descriptor_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 300"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert 300 < raise_descriptor_limit() <= 65_536


# ---------------------------------------------------------------------------- the service


@contextmanager
def service_with_few_descriptors(
    data: Path, log: Path, descriptors: int
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`newsdesk serve` that may open so many files and connections; killed in the end if it still runs."""
    with log.open("w") as complaints:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh",
             sys.executable, "-m", "newsdesk", "serve", "--port", "0", "--data", str(data)],
            cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said.startswith("Newsdesk is at http://"), said + log.read_text()
        url = said.split()[3]
        wait_until_complete(url)  # all files are open
        yield process, url
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_thousands_of_half_requests_keep_nobody_out(sample_data: Path, tmp_path: Path) -> None:
    """Questions are answered while they are open, files can still be opened, and SIGTERM waits for none of them.

    What was asked before SIGTERM is answered to the end.
    """
    descriptors, slow = 600, 2_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, slow + 500)), hard))
    slow = min(slow, hard - 500)
    with (
        service_with_few_descriptors(sample_data, tmp_path / "log", descriptors) as (process, url),
        ExitStack() as stack,
    ):
        where = urlsplit(url)
        address = (where.hostname or "", where.port or 0)
        for number in range(slow):
            connection = stack.enter_context(socket.create_connection(address, timeout=60))
            with suppress(ConnectionError):  # it had to make room already
                connection.sendall((HALF_A_HEAD, HALF_A_BODY, b"")[number % 3])
            if number % 500 == 0:
                assert httpx.post(
                    f"{url}/api/ask", content=ASKED, headers={"content-type": "application/json"}, timeout=60
                ).is_success
        open_files = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        assert open_files < descriptors * 3 // 4

        answers = finish_what_was_asked(url, process.terminate)
        assert process.wait(timeout=20) == 0
    assert {response.status_code for response in answers} == {200}
    assert all(response.json()["citations"] for response in answers)
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert "Too many open files" not in (tmp_path / "log").read_text()


def finish_what_was_asked(url: str, stop: Callable[[], None]) -> list[httpx.Response]:
    """The answers to questions that are sent, at the same moment on open connections, just before `stop`."""
    sent = threading.Barrier(9)

    def ask(_number: int) -> httpx.Response:
        with httpx.Client(base_url=url, timeout=60) as client:
            client.get("/healthz")  # connects: what has not been accepted when the service stops is not its business

            def body() -> Iterator[bytes]:
                yield ASKED
                sent.wait()

            headers = {"content-type": "application/json", "content-length": str(len(ASKED))}
            return client.post("/api/ask", content=body(), headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, number) for number in range(8)]
        sent.wait()  # every request is on its way, none can have been read back yet
        stop()
        return [answer.result() for answer in answers]
