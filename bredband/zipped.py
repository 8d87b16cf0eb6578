"""Office files are zip archives; here they get the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def with_fixed_times(packed: bytes, date: str) -> bytes:
    """Repack an office file with the document's own date (ISO 8601) instead of the clock's."""
    stamp = rb"\g<1>" + f"{date}T00:00:00Z".encode() + rb"\g<3>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            content = source.read(name)
            target.writestr(
                entry, _STAMP.sub(stamp, content) if name == "docProps/core.xml" else content
            )
    return out.getvalue()
