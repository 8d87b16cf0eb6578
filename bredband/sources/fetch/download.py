"""Download politely: resumed where it broke, retried with back-off, checksummed."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bredband.errors import InputError

AGENT = "bredband (broadband planning for Norwegian counties)"
_CHUNK = 1 << 16
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for an answer, how often to try again, and how long to pause between."""

    timeout_s: float = 60.0
    tries: int = 6
    first_wait_s: float = 1.0


@dataclass(frozen=True)
class Fetched:
    """One file that was fetched, as written beside it in ``<file>.kilde.json``."""

    file: str
    url: str
    publisher: str
    licence: str
    fetched: str
    sha256: str
    bytes: int


class _BrokenError(Exception):
    """The connection ended before the whole file had come."""


def download(
    url: str,
    target: Path,
    *,
    publisher: str,
    licence: str,
    patience: Patience | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch a file, going on from where an earlier attempt broke.

    What has come lies in ``<target>.del`` with the publisher's ETag; when the file has
    changed at the publisher it is fetched from the start. The file gets its name only when
    all of it has come, and ``<target>.kilde.json`` says where from, on which terms, when,
    and its sha256. A file that is there already, whole and as described, is not fetched.

    Raises
    ------
    InputError
        When the publisher does not have the file (``MissingError``), does not answer however
        long we wait, or cannot be found at all (no network).
    """
    calm = patience or Patience()
    note = target.with_name(target.name + ".kilde.json")
    if (known := _already(target, note, url)) is not None:
        return known
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".del")
    _with_patience(url, calm, wait, lambda: _fetch_rest(url, partial, calm))
    fetched = Fetched(
        target.name, url, publisher, licence, datetime.now(UTC).date().isoformat(),
        _sha256(partial), partial.stat().st_size,
    )  # fmt: skip
    partial.replace(target)
    _tag_file(partial).unlink(missing_ok=True)
    text = json.dumps(asdict(fetched), ensure_ascii=False, indent=1)
    note.write_text(text + "\n", encoding="utf-8")
    return fetched


def get_json(
    url: str,
    *,
    body: object = None,
    patience: Patience | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Any:
    """Ask for JSON, with ``body`` as a POST; retried like a download."""
    calm = patience or Patience()

    def ask() -> Any:
        data = None if body is None else json.dumps(body).encode()
        with _open(url, calm, {"Content-Type": "application/json"}, data) as answer:
            text = _all_of(answer)
        try:
            return json.loads(text)
        except ValueError:
            raise _BrokenError("svaret er ikke JSON") from None

    return _with_patience(url, calm, wait, ask)


def get_text(
    url: str, *, patience: Patience | None = None, wait: Callable[[float], None] = time.sleep
) -> bytes:
    """Ask for a small text, retried like a download."""
    calm = patience or Patience()

    def ask() -> bytes:
        with _open(url, calm, {}) as answer:
            return _all_of(answer)

    return bytes(_with_patience(url, calm, wait, ask))


class MissingError(InputError):
    """The publisher has no such file (404 or 410)."""


def _with_patience(
    url: str, calm: Patience, wait: Callable[[float], None], work: Callable[[], Any]
) -> Any:
    """Try until it succeeds, waiting twice as long each time or as long as we are told to."""
    reason = ""
    for attempt in range(calm.tries):
        pause = calm.first_wait_s * 2**attempt
        try:
            return work()
        except urllib.error.HTTPError as fault:
            fault.close()
            if fault.code in (404, 410):
                raise MissingError(f"{url} finnes ikke hos utgiveren.") from None
            if fault.code not in _AGAIN:
                raise InputError(f"{url} svarer {fault.code} {fault.reason}.") from None
            reason = f"svarer {fault.code}"
            pause = _told_to_wait(fault.headers.get("Retry-After"), pause)
        except (urllib.error.URLError, http.client.HTTPException, _BrokenError, OSError) as fault:
            cause = getattr(fault, "reason", fault)
            if isinstance(cause, socket.gaierror):
                raise InputError(
                    f"finner ikke {urlsplit(url).hostname}, så ingenting kan hentes.",
                    advice="Er maskinen på nett? Det som er hentet, tas vare på.",
                ) from None
            reason = _in_words(cause, calm)
        if attempt + 1 < calm.tries:
            wait(min(pause, _LONGEST_WAIT_S))
    raise InputError(
        f"{url} kunne ikke hentes etter {calm.tries} forsøk ({reason}).",
        advice="Prøv igjen senere; det som er hentet, tas vare på.",
    )


def _in_words(cause: object, calm: Patience) -> str:
    """Say in Norwegian why an attempt failed; what we have no words for stays as it is."""
    if isinstance(cause, TimeoutError):
        return f"ikke noe svar på {calm.timeout_s:g} sekunder"
    if isinstance(cause, ConnectionRefusedError):
        return "tilkoblingen ble avvist"
    if isinstance(cause, ConnectionError | http.client.IncompleteRead):
        return "tilkoblingen ble brutt"
    return str(cause) or type(cause).__name__


def _told_to_wait(header: str | None, otherwise: float) -> float:
    return float(header) if header and header.strip().isdecimal() else otherwise


def _open(url: str, calm: Patience, headers: dict[str, str], data: bytes | None = None) -> Any:
    if not url.startswith(("https://", "http://")):
        raise InputError(f"«{url}» er ikke en nettadresse.")
    asked = {"User-Agent": AGENT, "X-Client": "bredband", **headers}
    request = urllib.request.Request(url, data, asked)  # noqa: S310  http(s) only, checked above
    return urllib.request.urlopen(request, timeout=calm.timeout_s)  # noqa: S310


def _all_of(answer: Any) -> bytes:
    try:
        return bytes(answer.read())
    except http.client.IncompleteRead:
        raise _BrokenError("svaret ble brutt") from None


def _fetch_rest(url: str, partial: Path, calm: Patience) -> None:
    """Append what is missing; begin again when the publisher's file is another one."""
    tags = _tag_file(partial)
    have = partial.stat().st_size if partial.exists() and tags.exists() else 0
    headers = {}
    if have:
        headers = {"Range": f"bytes={have}-", "If-Range": tags.read_text(encoding="utf-8")}
    try:
        answer = _open(url, calm, headers)
    except urllib.error.HTTPError as fault:
        if fault.code != 416:
            raise
        fault.close()
        partial.unlink()
        raise _BrokenError("fila er en annen enn før") from None
    with answer:
        goes_on = have and answer.status == 206
        if not goes_on:
            have = 0
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if mark and not mark.startswith("W/"):
            tags.write_text(mark, encoding="utf-8")
        else:
            tags.unlink(missing_ok=True)
        length = answer.headers.get("Content-Length")
        with partial.open("ab" if goes_on else "wb") as file:
            try:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
            except http.client.IncompleteRead as fault:
                file.write(fault.partial)
    if length is not None and partial.stat().st_size < have + int(length):
        raise _BrokenError("svaret ble brutt")


def _tag_file(partial: Path) -> Path:
    return partial.with_name(partial.name + ".etag")


def _already(target: Path, note: Path, url: str) -> Fetched | None:
    """Give the note of a file that is there, whole, and from this address."""
    if not (target.is_file() and note.is_file()):
        return None
    try:
        known = Fetched(**json.loads(note.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None
    same = known.url == url and known.sha256 == _sha256(target)
    return known if same else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
