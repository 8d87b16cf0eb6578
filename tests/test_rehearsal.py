"""The kernels of the planning are compiled beside a first run, and nothing waits for it."""

from __future__ import annotations

import time

import pytest

from bredband import network, pipeline, rollout
from bredband.pipeline import rehearsal


def test_a_rehearsal_leaves_the_kernels_on_disk() -> None:
    network.rehearse()
    rollout.rehearse()
    assert network.is_rehearsed()
    assert rollout.is_rehearsed()


def test_a_run_that_is_over_does_not_wait_for_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "is_rehearsed", lambda: False)
    monkeypatch.setattr(rehearsal.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(rehearsal, "_ACT", "import time; time.sleep(600)")
    begun = time.perf_counter()
    with pipeline.rehearsing():
        pass
    assert time.perf_counter() - begun < 60


def test_nothing_is_started_where_the_kernels_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "is_rehearsed", lambda: True)
    monkeypatch.setattr(rollout, "is_rehearsed", lambda: True)
    monkeypatch.setattr(rehearsal.subprocess, "Popen", None)
    with pipeline.rehearsing():
        pass
