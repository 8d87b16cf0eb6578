from __future__ import annotations

import base64
import gzip
import json

import numpy as np


def unpack(text: str) -> tuple[dict, dict[str, dict[str, np.ndarray]]]:
    """What assets/unpack.js does, written again in Python as the judge."""
    whole = gzip.decompress(base64.b64decode(text))
    at = 4 + int.from_bytes(whole[:4], "little")
    header = json.loads(whole[4:at])
    tables: dict[str, dict[str, np.ndarray]] = {}
    for table, columns in header["layout"].items():
        tables[table] = {}
        for name, (count, width, delta) in columns.items():
            planes = np.frombuffer(whole, np.uint8, count * width, at).reshape(width, count)
            at += count * width
            values = sum(planes[k].astype(np.int64) << (8 * k) for k in range(width))
            if delta:
                values = np.cumsum((values >> 1) ^ -(values & 1))
            tables[table][name] = np.asarray(values)
    assert at == len(whole)
    return header["meta"], tables
