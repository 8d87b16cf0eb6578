"""A dispatch through KS SvarUt (send API v2): written to disk, and sent only on request.

The shape is that of the published OpenAPI description *KS SvarUt: Send forsendelse-API* v2.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from bredband import county
from bredband.errors import InputError
from bredband.exchange.metadata import media_type
from bredband.inert import clean
from bredband.wording import sentences

DISPATCH_FILE = "forsendelse.json"
_FORBIDDEN_IN_NAMES = re.compile(r'[*:"\\/<>|?]')
_LONGEST_NAME = 226
_MOST_BYTES = 350 * 1024 * 1024
_VARIABLES = {
    "account": "BREDBAND_SVARUT_KONTO",
    "token": "BREDBAND_SVARUT_TOKEN",
    "integration_id": "BREDBAND_SVARUT_INTEGRASJON_ID",
    "integration_password": "BREDBAND_SVARUT_INTEGRASJON_PASSORD",
}
_ADDRESS_VARIABLE = "BREDBAND_SVARUT_URL"
_TEST_ADDRESS = "https://test.svarut.ks.no/api"


@dataclass(frozen=True)
class Credentials:
    """Who sends, and to which SvarUt."""

    account: str
    token: str = field(repr=False)
    integration_id: str
    integration_password: str = field(repr=False)
    address: str = _TEST_ADDRESS


def write_dispatch(document: Mapping[str, Any], files: Sequence[Path], folder: Path) -> Path:
    """Write a dispatch ready for SvarUt: ``forsendelse.json`` with the files beside it.

    Parameters
    ----------
    document
        The content of ``plan.json``; its scenario names the recipient.
    files
        What to send, in the order it shall have in the letter.
    folder
        Where to write. Files that only an earlier dispatch there had, are removed.

    Returns
    -------
    The path of ``forsendelse.json``.

    Raises
    ------
    InputError
        If the recipient is missing, a file is missing or has a name that SvarUt refuses,
        two files have the same name, or everything together is above 350 MB.
    """
    _check_files(files)
    content = dispatch(document, files)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_earlier(folder, keep=[file.name for file in files])
    for file in files:
        with county.replacing(folder / file.name) as temporary:
            shutil.copyfile(file, temporary)
    path = folder / DISPATCH_FILE
    county.write_json(path, content)
    return path


def _remove_earlier(folder: Path, keep: Sequence[str]) -> None:
    """Remove what only the dispatch that lies there from before had."""
    if not (folder / DISPATCH_FILE).is_file():
        return
    for document in county.read_json(folder / DISPATCH_FILE).get("dokumenter", []):
        name = Path(document["filnavn"]).name
        if name not in keep:
            (folder / name).unlink(missing_ok=True)


def dispatch(document: Mapping[str, Any], files: Sequence[Path]) -> dict[str, Any]:
    """Compose the JSON of the dispatch."""
    publication = document["publication"]
    say = sentences("exchange", publication["language"])
    choices = document["scenario"]["output"]["dispatch"]
    title = say["dispatch_title"].format(county=publication["county"])
    if publication["synthetic"]:
        title += f" ({say['synthetic']})"
    content: dict[str, Any] = {
        "tittel": clean(title)[:1000],
        "mottaker": _recipient(choices),
        "avgivendeSystem": f"bredband {publication['software_version']}".strip(),
        "kunDigitalLevering": bool(choices["recipient_number"]),
        "forsendelsestype": "Bredbåndsplan",
        "dokumenter": [_file(file) for file in files],
    }
    if choices["reference"]:
        content["eksternReferanse"] = choices["reference"]
    case = {"saksaar": choices["case_year"], "sakssekvensnummer": choices["case_number"]}
    if known := {name: value for name, value in case.items() if value is not None}:
        content["metadataFraAvleverendeSystem"] = {
            **known,
            "tittel": content["tittel"],
            "dokumentetsDato": f"{publication['created_on']}T00:00:00Z",
        }
    return content


def _recipient(choices: Mapping[str, Any]) -> dict[str, str]:
    if not choices["recipient"]:
        raise InputError(
            "forsendelsen mangler mottaker.",
            advice="Fyll inn recipient og recipient_number under [output.dispatch] i scenariet.",
        )
    fields = {
        "navn": choices["recipient"],
        "digitalId": choices["recipient_number"],
        "postnummer": choices["recipient_postcode"],
        "poststed": choices["recipient_postplace"],
    }
    if not fields["digitalId"] and not (fields["postnummer"] and fields["poststed"]):
        raise InputError(
            f"mottakeren «{fields['navn']}» har verken organisasjonsnummer eller postadresse.",
            advice="Fyll inn recipient_number, eller recipient_postcode og recipient_postplace.",
        )
    return {name: value for name, value in fields.items() if value}


def _file(file: Path) -> dict[str, Any]:
    kind = media_type(file)
    described: dict[str, Any] = {"filnavn": file.name, "mimeType": kind}
    if kind != "application/pdf":
        described["skalEkskluderesFraUtskrift"] = True
    return described


def _check_files(files: Sequence[Path]) -> None:
    seen: set[str] = set()
    for file in files:
        if not file.is_file():
            raise InputError("fila som skal sendes, finnes ikke.", file=file)
        if _FORBIDDEN_IN_NAMES.search(file.name) or len(file.name) > _LONGEST_NAME:
            raise InputError(
                "filnavnet kan ikke sendes med SvarUt.",
                file=file,
                advice='Bruk høyst 226 tegn, og ingen av * : " \\ / < > | ?',
            )
        if file.name in seen or file.name == DISPATCH_FILE:
            raise InputError("to filer i forsendelsen har samme navn.", file=file)
        seen.add(file.name)
    if sum(file.stat().st_size for file in files) > _MOST_BYTES:
        raise InputError("filene er til sammen over 350 MB, mer enn SvarUt tar imot.")


def credentials_from_environment(variables: Mapping[str, str] = os.environ) -> Credentials:
    """Read who sends from the environment; nothing is ever stored.

    Raises
    ------
    InputError
        Naming every variable that is missing.
    """
    if missing := [name for name in _VARIABLES.values() if not variables.get(name)]:
        raise InputError(
            "kan ikke sende: disse miljøvariablene mangler: " + ", ".join(missing) + ".",
            advice="Uten dem skrives forsendelsen bare til disk.",
        )
    values = {name: variables[variable] for name, variable in _VARIABLES.items()}
    return Credentials(**values, address=variables.get(_ADDRESS_VARIABLE, _TEST_ADDRESS))


def send_dispatch(folder: Path, credentials: Credentials) -> str:
    """Send a dispatch that ``write_dispatch`` wrote, and give the id that SvarUt answers.

    The test environment is used unless the credentials name another address.

    Raises
    ------
    InputError
        If the dispatch is incomplete, the address is not https (or this machine), or SvarUt
        cannot be reached or refuses.
    """
    content = county.read_json(folder / DISPATCH_FILE)
    files = [folder / document["filnavn"] for document in content.get("dokumenter", [])]
    _check_files(files)
    boundary = f"bredband-{uuid.uuid4().hex}"
    request = urllib.request.Request(  # noqa: S310 -- the scheme is checked in _endpoint
        _endpoint(credentials),
        data=_multipart(content, files, boundary),
        method="POST",
        headers={
            "Authorization": f"Bearer {credentials.token}",
            "IntegrasjonId": credentials.integration_id,
            "IntegrasjonPassord": credentials.integration_password,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Accept": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            identifier = json.load(answer)["id"]
    except urllib.error.HTTPError as fault:
        with fault:
            raise InputError(f"SvarUt avviste forsendelsen ({fault.code}): {_why(fault)}") from None
    except urllib.error.URLError as fault:
        raise InputError(
            f"fikk ikke kontakt med SvarUt: {fault.reason}.",
            advice="Kontroller nettet og adressen. Ingenting er sendt.",
        ) from None
    except (KeyError, TypeError, ValueError):
        raise InputError(
            "SvarUt svarte uten en id.",
            advice="Se i SvarUt om forsendelsen kom fram, før den sendes på nytt.",
        ) from None
    return str(identifier)


def _endpoint(credentials: Credentials) -> str:
    parts = urlsplit(credentials.address)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not local:
        raise InputError(
            f"adressen til SvarUt må begynne med https: {credentials.address}",
            advice=f"Rett {_ADDRESS_VARIABLE}.",
        )
    account = quote(credentials.account, safe="")
    return f"{credentials.address.rstrip('/')}/v2/kontoer/{account}/forsendelser"


def _multipart(content: Mapping[str, Any], files: Sequence[Path], boundary: str) -> bytes:
    """Pack the JSON part ``forsendelse`` and the files in the order they are listed."""
    text = json.dumps(content, ensure_ascii=False).encode()
    parts = [
        _part(boundary, "forsendelse", None, "application/json", text),
        *(
            _part(boundary, "filer", file.name, media_type(file), file.read_bytes())
            for file in files
        ),
        f"--{boundary}--\r\n".encode(),
    ]
    return b"".join(parts)


def _part(boundary: str, name: str, file_name: str | None, kind: str, body: bytes) -> bytes:
    disposition = f'form-data; name="{name}"'
    if file_name is not None:
        disposition += f'; filename="{file_name}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + body + b"\r\n"


def _why(fault: urllib.error.HTTPError) -> str:
    """Take the explanation from SvarUt's error message, where there is one."""
    try:
        answer = json.load(fault)
    except ValueError:
        return str(fault.reason)
    return str(answer.get("message") or answer.get("error") or fault.reason)
