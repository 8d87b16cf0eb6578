"""The example of docs/steiner.md is run, with what it says of its own answer."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_example_in_the_document_runs(root: Path) -> None:
    text = (root / "docs" / "steiner.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert "assert" in example
    exec(compile(example, "docs/steiner.md", "exec"), {})
