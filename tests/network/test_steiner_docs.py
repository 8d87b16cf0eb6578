from __future__ import annotations

import re
from pathlib import Path


def test_the_example_in_the_document_runs(root: Path) -> None:
    text = (root / "docs" / "steiner.md").read_text()
    for example in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(example, "docs/steiner.md", "exec"), {})
