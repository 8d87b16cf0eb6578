"""What the studio does with what it should refuse: bombs, endless bodies and hostile scenarios.

Starts a studio on a synthetic folder, sends each over HTTP as a browser would, and prints the
answer, the seconds, the server's largest memory so far and the files that are left.

    python scripts/bench/hostile.py
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
GIB = 1024**3
BLOCK = 64 * 1024**2


def zeros(count: int) -> tuple[bytes, int]:
    """Deflate `count` blocks of 64 MiB of zeros without holding them; give the bytes and the CRC-32."""
    block = bytes(BLOCK)
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(count):
        crc = zlib.crc32(block, crc)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return packed * count + end, crc


def zipped(packed: bytes, crc: int, size: int) -> bytes:
    """Lay deflated bytes in a zip file (zip64) as ``adresser.csv``, saying that it unfolds to `size`."""
    name = b"adresser.csv"
    extra = struct.pack("<HHQQ", 1, 16, size, len(packed))
    both = (45, 0, 8, 0, 33, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *both) + name + extra
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, *both, 0, 0, 0, 0, 0) + name + extra
    at = len(local) + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), at, 0)
    return local + packed + central + end


class Studio:
    """A studio in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bredband", "studio", str(folder), "--no-browser"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdout is not None
        address = self.process.stdout.readline().split()[-1]
        self.port = int(address.split(":")[2].split("/")[0])
        self.token = address.split("token=")[1]
        while True:  # the address is printed a moment before it answers
            with contextlib.suppress(ConnectionError):
                self.send("GET /", [])
                return
            time.sleep(0.02)

    def send(self, head: str, body: Iterable[bytes], *headers: str) -> tuple[int, str]:
        """Send a request by hand; give the status and the sentence of the answer."""
        own = f"127.0.0.1:{self.port}"
        lines = [f"{head} HTTP/1.1", f"Host: {own}", f"Origin: http://{own}", "Connection: close",
                 f"Cookie: bredband-{self.port}={self.token}", "Accept: application/json", *headers]  # fmt: skip
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as line:
            line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            with contextlib.suppress(ConnectionError):
                for part in body:
                    line.sendall(part)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while part := line.recv(65536):
                    answer += part
        top, _, content = answer.partition(b"\r\n\r\n")
        if not top:
            return 0, "no answer"
        text = content.decode("utf-8", "replace")
        sentence = json.loads(text).get("sentence", "") if text.startswith("{") else text[:80]
        return int(top.split()[1]), sentence

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024

    def files(self) -> int:
        return sum(1 for path in self.folder.parent.rglob("*") if path.is_file())


def endless(piece: bytes) -> Iterator[bytes]:
    """Give chunks of a body that has no end."""
    chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    while True:
        yield chunk


def main() -> None:
    with tempfile.TemporaryDirectory() as outer:
        studio = Studio(Path(outer) / "studio")
        try:
            storm(studio)
        finally:
            studio.process.terminate()
            studio.process.wait()


def storm(studio: Studio) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    body = urlencode({"name": "Prøve"}).encode()
    studio.send("POST /fylke", [body], form, f"Content-Length: {len(body)}")
    took(studio, "nothing yet", 0.0, (0, ""))
    whole, crc = zeros(10 * GIB // BLOCK)
    put = "PUT /fylke/prove/fil?navn=kilde"
    for what, data in (
        (f"zip of {len(whole) / 1e6:.1f} MB, unfolds to 10 GiB", zipped(whole, crc, 10 * GIB)),
        ("the same, saying that it is 1 kB", zipped(whole, crc, 1000)),
    ):
        timed(studio, what, f"{put}.zip", [data], f"Content-Length: {len(data)}")
    timed(studio, "Content-Length 10 GB, no body", f"{put}.csv", [], f"Content-Length: {10 * GIB}")
    chunked = "Transfer-Encoding: chunked"
    timed(studio, "a file that never ends", f"{put}.csv", endless(bytes(2**20)), chunked)
    timed(
        studio,
        "a form that never ends",
        "POST /fylke/prove/sjekk",
        endless(b"a" * 2**16),
        form,
        chunked,
    )
    scenarios(studio, form)


def timed(studio: Studio, what: str, head: str, body: Iterable[bytes], *headers: str) -> None:
    began = time.perf_counter()
    answer = studio.send(head, body, *headers)
    took(studio, what, time.perf_counter() - began, answer)


def took(studio: Studio, what: str, seconds_s: float, answer: tuple[int, str]) -> None:
    print(
        f"{what:42s} {answer[0]:3d} {seconds_s:6.2f} s {studio.memory_mb():4.0f} MB "
        f"{studio.files():3d} files  {answer[1][:70]}",
        flush=True,
    )


def scenarios(studio: Studio, form: str) -> None:
    """Send a thousand scenarios with values that mean nothing or mean harm."""
    roll = random.Random(2)
    names = ["name", "rollout.annual_grant_nok", "rollout.first_year", "costs.trench_nok_per_m.soft.low_nok",
             "rollout.floors.99999999999.by_year", "sources.addresses", "folder", "extends", "__class__", "fra",
             "output.docx_template", "rollout.earlier_plan", "", "rollout", "rollout.must_build"]  # fmt: skip
    values = ["", "-1", "1e999", "NaN", "9" * 5000, "../../etc/passwd", "<script>alert(1)</script>", "\0",
              "{{7*7}}", "=1+1", "\r\n[x]", '"""', "🦊" * 500, "1;2;3", "/dev/zero", "%00"]  # fmt: skip
    began, answers = time.perf_counter(), dict[int, int]()
    for i in range(1000):
        pairs = [(roll.choice(names), roll.choice(values)) for _ in range(roll.randint(0, 12))]
        body = urlencode([*pairs, ("target.down_mbps", "-1")]).encode()
        path = "/fylke/prove/nytt" if i % 10 == 0 else "/fylke/prove/sjekk"
        status, _ = studio.send(f"POST {path}", [body], form, f"Content-Length: {len(body)}")
        answers[status] = answers.get(status, 0) + 1
    counts = ", ".join(f"{count} x {status}" for status, count in sorted(answers.items()))
    took(studio, "1000 hostile scenarios", time.perf_counter() - began, (0, counts))


if __name__ == "__main__":
    main()
