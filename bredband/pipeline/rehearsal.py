"""Compile what the planning needs on a second core while the first reads files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bredband import network, rollout

_ACT = "from bredband import network, rollout; network.rehearse(); rollout.rehearse()"


@contextmanager
def rehearsing() -> Iterator[None]:
    """Let a second process compile the kernels of network and rollout, the first time they run.

    Numba compiles on one core and keeps the result on disk. A run needs these kernels last, so a
    process that begins with them has most of them ready when they are asked for. What it has not
    ready the run compiles itself, and the answers are the same. With the kernels on disk, or one
    core only, nothing is started.
    """
    if (os.cpu_count() or 1) < 2 or (network.is_rehearsed() and rollout.is_rehearsed()):
        yield
        return
    nowhere = subprocess.DEVNULL
    act = [sys.executable, "-P", "-c", _ACT]  # -P: import nothing from the folder we stand in
    with subprocess.Popen(act, stdin=nowhere, stdout=nowhere, stderr=nowhere) as actor:  # noqa: S603
        try:
            yield
        finally:
            actor.terminate()
