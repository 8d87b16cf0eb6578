"""The studio beside a run: how soon it answers, how fast 20 readers get their pages, what it holds.

Starts a studio on the demo county, plans it, and lets 20 readers in turn ask for every kind of
page, first alone and then while a second plan runs. Prints medians and their ratio.

    python scripts/bench/studio.py
"""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
READERS, ROUNDS = 20, 6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        studio = subprocess.Popen(
            [sys.executable, "-m", "bredband", "studio", folder, "--no-browser"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert studio.stdout is not None
        address = studio.stdout.readline().split()[-1]
        port, token = int(address.split(":")[2].split("/")[0]), address.split("token=")[1]
        first = first_page(port, token)
        print(
            f"command to first page   {time.perf_counter() - began:6.2f} s, the page itself {first:.2f} s"
        )
        try:
            measure(Path(folder), port, token)
            status = Path(f"/proc/{studio.pid}/status").read_text()
            peak_kb = int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1])
            print(f"server memory, peak     {peak_kb / 1024:6.0f} MB")
        finally:
            studio.terminate()
            studio.wait()


def measure(folder: Path, port: int, token: str) -> None:
    ask(port, token, "POST", "/fylke", {"folder": str(ROOT / "data" / "demo")})
    form = {"rollout.annual_grant_nok": "14", "rollout.first_year": "2027", "kjor": "1"}
    ask(port, token, "POST", "/fylke/demofylket/nytt", {"name": "En", **form})
    wait(folder / "scenarioer" / "en")
    pages = [
        "/",
        "/fylke/demofylket",
        "/fylke/demofylket/nytt?fra=en",
        "/scenario/en",
        "/scenario/en/hvorfor",
    ]
    alone = read_all(port, token, pages)
    ask(port, token, "POST", "/fylke/demofylket/nytt", {"name": "To", **form})
    beside = read_all(port, token, pages)
    wait(folder / "scenarioer" / "to")
    for name, times in (("alone", alone), ("beside a run", beside)):
        median, worst = statistics.median(times), max(times)
        print(
            f"page, {READERS} readers, {name:13s} median {1000 * median:5.0f} ms, worst {1000 * worst:5.0f} ms"
        )
    print(f"ratio beside : alone    {statistics.median(beside) / statistics.median(alone):6.2f}")


def read_all(port: int, token: str, pages: list[str]) -> list[float]:
    """Let 20 readers think half a second between pages, and time every page."""
    times: list[float] = []

    def read(first: int) -> None:
        time.sleep(first / READERS / 2)
        for i in range(ROUNDS):
            began = time.perf_counter()
            status = ask(port, token, "GET", pages[(first + i) % len(pages)])
            times.append(time.perf_counter() - began)
            assert status == 200, status
            time.sleep(0.5)

    readers = [threading.Thread(target=read, args=(i,)) for i in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(times) == READERS * ROUNDS
    return times


def ask(port: int, token: str, method: str, path: str, form: dict[str, str] | None = None) -> int:
    own = f"127.0.0.1:{port}"
    headers = {
        "Host": own, "Origin": f"http://{own}", "Cookie": f"bredband-{port}={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, urlencode(form) if form else None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def first_page(port: int, token: str) -> float:
    """Ask until the studio answers; give the seconds of the answer itself."""
    while True:
        began = time.perf_counter()
        with contextlib.suppress(ConnectionError):
            ask(port, token, "GET", "/")
            return time.perf_counter() - began
        time.sleep(0.02)


def wait(folder: Path) -> None:
    while (status := json.loads((folder / "kjoring.json").read_text()))["state"] in (
        "queued",
        "running",
    ):
        time.sleep(0.5)
    if status["state"] != "done":
        raise SystemExit(
            f"the run failed: {status['sentence']} {(folder / 'kjoring.logg').read_text()[-800:]}"
        )


if __name__ == "__main__":
    main()
