"""Runs in a process of their own, one at a time; how each goes is kept in its folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bredband.errors import InputError
from bredband.studio.files import read_object, write_object
from bredband.studio.folder import COUNTIES, RUN_FILE, SCENARIOS, entries

MOST_WAITING = 5
FIRST_STEP = "Starter"
_GRACE_S = 3.0
_LONGEST_LINE = 1 << 20
_LOG_FILE = "kjoring.logg"

Status = dict[str, Any]
"""``state`` (none, queued, running, done, failed, stopped), ``steps`` as [name, seconds],
``sentence`` and ``advice`` of a fault, ``cause`` (cancelled, closed) of a stop, and what was
``reused`` from earlier runs and ``computed`` in this one."""


@dataclass(eq=False)
class Run:
    """One run: its folder, what it does, and how far it has come."""

    folder: Path
    words: tuple[str, ...]
    expected: dict[str, float]
    state: str = "queued"
    steps: list[tuple[str, float]] = field(default_factory=list)
    started: float = 0.0
    step_started: float = 0.0
    sentence: str = ""
    advice: str = ""
    cause: str = ""
    reused: list[str] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def status(self, ahead: int = 0) -> Status:
        """Say how far the run has come, and how long is left if an earlier run tells."""
        now = time.monotonic()
        status: Status = {
            "state": self.state,
            "what": self.words[0],
            "steps": [[name, round(seconds, 2)] for name, seconds in self.steps],
            "sentence": self.sentence,
            "advice": self.advice,
            "cause": self.cause,
            "reused": self.reused,
            "computed": self.computed,
        }
        if self.state == "queued":
            status["ahead"] = ahead
        if self.state == "running":
            status["elapsed_s"] = round(now - self.started, 1)
            status["step_s"] = round(now - self.step_started, 1)
            status["left_s"] = self._left_s(now)
            begun = {name for name, _ in self.steps}
            status["to_come"] = [name for name in self.expected if name not in begun]
        return status

    def begin(self, step: str) -> None:
        """Note that a step begins and the one before it is over."""
        self.end_step()
        self.steps.append((step, 0.0))
        self.step_started = time.monotonic()

    def end_step(self) -> None:
        """Note how long the step at hand took."""
        if self.steps:
            self.steps[-1] = (self.steps[-1][0], time.monotonic() - self.step_started)

    def _left_s(self, now: float) -> float | None:
        if not self.expected or not self.steps:
            return None
        begun = [name for name, _ in self.steps]
        here = max(self.expected.get(begun[-1], 0.0) - (now - self.step_started), 0.0)
        ahead = sum(seconds for name, seconds in self.expected.items() if name not in begun)
        return round(here + ahead, 1)


class Queue:
    """The runs of this studio: one at work, a few waiting, each in a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.waiting: list[Run] = []
        self.at_work: Run | None = None
        self._more = asyncio.Event()

    def add(self, folder: Path, words: Sequence[str]) -> Run:
        """Put a run last in the queue; a folder that is already there is not put in twice.

        Raises
        ------
        InputError
            When too many runs wait.
        """
        if (known := self.find(folder)) is not None:
            return known
        if len(self.waiting) >= MOST_WAITING:
            raise InputError(
                f"det venter alt {MOST_WAITING} kjøringer.",
                advice="Vent til en er ferdig, eller avbryt en av dem.",
            )
        run = Run(folder, tuple(words), seconds_by_step(self.root, words[0]))
        self.waiting.append(run)
        self._keep(run)
        self._more.set()
        return run

    def find(self, folder: Path) -> Run | None:
        """Give the run of a folder that is at work or waits."""
        everyone = [*([self.at_work] if self.at_work else []), *self.waiting]
        return next((run for run in everyone if run.folder == folder), None)

    def status(self, folder: Path) -> Status:
        """Say how the run of a folder goes, or how the last one went."""
        run = self.find(folder)
        if run is None:
            return stored_status(folder)
        ahead = self.waiting.index(run) + bool(self.at_work) if run in self.waiting else 0
        return run.status(ahead)

    async def cancel(self, folder: Path) -> None:
        """Take a run out of the queue, or stop its process."""
        run = self.find(folder)
        if run is None:
            return
        run.state, run.cause = "stopped", "cancelled"
        if run in self.waiting:
            self.waiting.remove(run)
            self._keep(run)
        elif run.process is not None:
            await _stop(run.process)

    async def follow(self, folder: Path) -> AsyncIterator[Status]:
        """Give the status at once, at every change and every second, until the run is over."""
        run = self.find(folder)
        while run is not None and self.find(folder) is run:
            yield self.status(folder)
            run.moved.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.moved.wait(), 1.0)
        yield self.status(folder)

    async def work(self) -> None:
        """Do the runs one by one until the studio closes; then stop the one at work."""
        try:
            while True:
                while not self.waiting:
                    self._more.clear()
                    await self._more.wait()
                self.at_work = self.waiting.pop(0)
                await self._do(self.at_work)
                self.at_work = None
        except asyncio.CancelledError:
            if self.at_work is not None and self.at_work.process is not None:
                await _stop(self.at_work.process)
            for run in [*([self.at_work] if self.at_work else []), *self.waiting]:
                run.state, run.cause = "stopped", "closed"
                self._keep(run)
            raise

    async def _do(self, run: Run) -> None:
        run.state, run.started = "running", time.monotonic()
        run.begin(FIRST_STEP)
        self._keep(run)
        code, answer = await self._follow_process(run)
        run.end_step()
        if run.state == "stopped":
            pass
        elif code == 0:
            run.state = "done"
            run.reused, run.computed = answer.get("reused", []), answer.get("computed", [])
        else:
            run.state = "failed"
            run.sentence = str(answer.get("sentence") or _unexpected(code))
            run.advice = str(answer.get("advice") or "")
        self._keep(run)

    async def _follow_process(self, run: Run) -> tuple[int, dict[str, Any]]:
        with (run.folder / _LOG_FILE).open("wb") as log:
            run.process = await start(run.words, log)
        assert run.process.stdout is not None
        answer: dict[str, Any] = {}
        async for line in run.process.stdout:
            message = _message(line)
            if "step" in message:
                run.begin(str(message["step"]))
                self._keep(run)
            answer |= message
        code = await run.process.wait()
        _signal_all(run.process, signal.SIGTERM)  # what a run that died had started
        return code, answer

    def _keep(self, run: Run) -> None:
        """Write the status into the folder, and wake those who follow."""
        if run.folder.is_dir():
            write_object(run.folder / RUN_FILE, run.status())
        run.moved.set()


async def ask(words: Sequence[str], *, time_limit_s: float) -> dict[str, Any]:
    """Ask a short question in a process of its own and wait for the answer.

    Raises
    ------
    InputError
        With the sentence of the process, or when it takes too long.
    """
    process = await start(words, asyncio.subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        printed = await asyncio.wait_for(process.stdout.read(), time_limit_s)
        code = await process.wait()
    except TimeoutError:
        raise InputError(
            f"svaret tok mer enn {time_limit_s:.0f} sekunder.", advice="Prøv igjen senere."
        ) from None
    finally:
        await _stop(process)
    answer: dict[str, Any] = {}
    for line in printed.splitlines():
        answer |= _message(line)
    if code != 0:
        raise InputError(
            str(answer.get("sentence") or _unexpected(code)), advice=str(answer.get("advice") or "")
        )
    return answer


async def start(words: Iterable[str], errors: Any) -> asyncio.subprocess.Process:
    """Start the worker in a session of its own; it ends itself when its input closes."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bredband.studio.work"),
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )


def stored_status(folder: Path) -> Status:
    """Read how the last run of a folder went; one that the studio left behind was stopped."""
    nothing: Status = {
        "state": "none", "steps": [], "sentence": "", "advice": "", "cause": "",
        "reused": [], "computed": [],
    }  # fmt: skip
    status = nothing | read_object(folder / RUN_FILE)
    if status.get("state") in ("queued", "running"):
        status |= {"state": "stopped", "cause": "closed"}
    return status


def seconds_by_step(root: Path, what: str) -> dict[str, float]:
    """Give the median seconds of every step in the finished runs of this folder."""
    took: dict[str, list[float]] = {}
    for kind in (COUNTIES, SCENARIOS):
        for entry in entries(root, kind):
            if entry.run.get("state") == "done" and entry.run.get("what") == what:
                for name, seconds in entry.run.get("steps", []):
                    took.setdefault(str(name), []).append(float(seconds))
    return {name: statistics.median(seconds) for name, seconds in took.items()}


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a process that we started, and what it started: kindly, then firmly."""
    if process.returncode is not None:
        return
    _signal_all(process, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _GRACE_S)
    except TimeoutError:
        _signal_all(process, signal.SIGKILL)
        await process.wait()


def _signal_all(process: asyncio.subprocess.Process, what: signal.Signals) -> None:
    """Signal the session of a worker, which holds only the worker and what it started."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, what)
        elif process.returncode is None:
            process.terminate()


def _message(line: bytes) -> dict[str, Any]:
    """Read a line of the worker; what a library prints is no message."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _unexpected(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"kjøringen ble stoppet av maskinen ({name}); kanskje var minnet fullt."
    return f"kjøringen stoppet uventet (kode {code}); se {_LOG_FILE} i mappa."
