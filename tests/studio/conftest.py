from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests import lilleland_files

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Server:
    """A studio in a process of its own, as a planner starts it."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    token: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def ask(
        self, method: str, path: str, body: Any = None, *, timeout_s: float = 30, **headers: str
    ) -> Answer:
        """Send a request as our own page would, unless a header says otherwise."""
        own = f"127.0.0.1:{self.port}"
        sent = {"Host": own, "Cookie": f"bredband-{self.port}={self.token}"}
        if method != "GET":
            sent["Origin"] = f"http://{own}"
        if isinstance(body, (dict, list)):
            sent |= FORM
            body = urlencode(body, doseq=True)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        data = body.encode() if isinstance(body, str) else body
        if data is not None:
            sent.setdefault("Content-Length", str(len(data)))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(data)
        answer = connection.getresponse()
        content = answer.read().decode("utf-8", "replace")
        connection.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    def put(self, county: str, name: str, data: bytes) -> Answer:
        path = f"/fylke/{county}/fil?navn={quote(name, safe='')}"
        return self.ask("PUT", path, data, Accept="application/json")

    def worker(self) -> int:
        """Give the process of the run at work, once it is there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if found := children.read_text("utf-8").split():
                return int(found[0])
            time.sleep(0.05)
        raise AssertionError("no run is at work")

    def wait(self, path: Path, *, seconds: float = 120) -> dict[str, Any]:
        """Wait until the run of a folder is over; give how it went."""
        file = path / "kjoring.json"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = json.loads(file.read_text("utf-8")) if file.is_file() else {}
            if status.get("state") not in (None, "queued", "running"):
                return status
            time.sleep(0.2)
        raise AssertionError(f"{path} is not over: {status}")


def start(folder: Path) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "bredband", "studio", str(folder), "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    address = line.split()[-1]
    port = int(address.split(":")[2].split("/")[0])
    server = Server(process, folder, port, address.split("token=")[1])
    process.stdout.readline()
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            server.ask("GET", "/")
        except ConnectionError:
            time.sleep(0.05)
        else:
            return server
    raise AssertionError("the studio does not answer")


def stop(server: Server) -> str:
    """Stop with Ctrl-C; give what was printed after the first two lines."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
    try:
        printed, _ = server.process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        server.process.kill()
        raise
    return printed


@pytest.fixture(scope="session")
def lilleland_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lilleland as raw files with a scenario that runs in a moment."""
    scenario = lilleland_files.write(tmp_path_factory.mktemp("raw") / "lilleland")
    with scenario.open("a", encoding="utf-8") as file:
        file.write("\n[network]\ntime_limit_s = 1\n")
    return scenario.parent


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, lilleland_folder: Path) -> Iterator[Server]:
    """One studio for the session, with Lilleland loaded as «lilleland»."""
    running = start(tmp_path_factory.mktemp("studio") / "mappe")
    answer = running.ask("POST", "/fylke", {"folder": str(lilleland_folder)})
    assert answer.headers["location"] == "/fylke/lilleland"
    yield running
    stop(running)


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    faults: list[str] = []
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else faults.append(r.url)
        ),
    )
    yield page
    context.close()
    assert faults == []
