from __future__ import annotations

import copy
import json
import threading
import uuid
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bredband.errors import InputError
from bredband.exchange import (
    Credentials,
    credentials_from_environment,
    send_dispatch,
    write_dispatch,
)

ACCOUNT = str(uuid.UUID(int=7))
RECIPIENT = {
    "recipient": "Ytrefjord kommune",
    "recipient_number": "987654321",
    "reference": "2026/17",
}


@pytest.fixture(scope="module")
def openapi(shared_data: Path) -> dict[str, Any]:
    path = shared_data / "norway" / "api_fixtures" / "svarut_forsendelse-send-api-v2.json"
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def addressed(document: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["scenario"]["output"]["dispatch"].update(RECIPIENT)
    return changed


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7 plan")
    (tmp_path / "områder.csv").write_bytes("Ø;N\r\n".encode("utf-8-sig"))
    return [tmp_path / "plan.pdf", tmp_path / "områder.csv"]


class SvarUt(BaseHTTPRequestHandler):
    """A server that takes what the published description demands, and nothing else."""

    schema: dict[str, Any]
    received: list[tuple[dict[str, Any], list[tuple[str, str, bytes]]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != f"/api/v2/kontoer/{ACCOUNT}/forsendelser":
            self.answer(404, {"status": 404, "message": "ukjent konto"})
        elif (self.headers["Authorization"], self.headers["IntegrasjonId"]) != (
            "Bearer nokkel",
            "bredband",
        ) or self.headers["IntegrasjonPassord"] != "hemmelig":
            self.answer(401, {"status": 401, "message": "feil passord"})
        else:
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = list(BytesParser(policy=HTTP).parsebytes(head + body).iter_parts())
            assert parts[0].get_param("name", header="content-disposition") == "forsendelse"
            content = json.loads(parts[0].get_payload(decode=True))
            jsonschema.validate(content, self.schema)
            sent = [
                (str(part.get_filename()), part.get_content_type(), part.get_payload(decode=True))
                for part in parts[1:]
            ]
            assert [name for name, _, _ in sent] == [d["filnavn"] for d in content["dokumenter"]]
            self.received.append((content, sent))
            self.answer(200, {"id": str(uuid.UUID(int=42))})

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server(openapi: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    components = openapi["components"]
    schema = {"$ref": "#/components/schemas/Forsendelse", "components": components}
    handler = type("Handler", (SvarUt,), {"schema": schema, "received": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/api", handler.received
        running.shutdown()
        thread.join()


def credentials(address: str, **changes: str) -> Credentials:
    values = {
        "account": ACCOUNT,
        "token": "nokkel",
        "integration_id": "bredband",
        "integration_password": "hemmelig",
    }
    return Credentials(**{**values, **changes}, address=address)


def test_the_dispatch_on_disk_is_valid_and_whole(
    addressed: dict[str, Any], files: list[Path], tmp_path: Path, openapi: dict[str, Any]
) -> None:
    path = write_dispatch(addressed, files, tmp_path / "forsendelse")
    content = json.loads(path.read_text("utf-8"))
    schema = {"$ref": "#/components/schemas/Forsendelse", "components": openapi["components"]}
    jsonschema.validate(content, schema)
    known = openapi["components"]["schemas"]["Forsendelse"]["properties"]
    assert set(content) <= set(known)
    assert content["mottaker"] == {"navn": "Ytrefjord kommune", "digitalId": "987654321"}
    assert "Syntetiske data" in content["tittel"]
    for document in content["dokumenter"]:
        copied = (tmp_path / "forsendelse" / document["filnavn"]).read_bytes()
        assert copied == (tmp_path / document["filnavn"]).read_bytes()


def test_it_is_sent_as_the_description_says(
    addressed: dict[str, Any], files: list[Path], tmp_path: Path, server: tuple[str, list[Any]]
) -> None:
    address, received = server
    write_dispatch(addressed, files, tmp_path / "ut")
    assert send_dispatch(tmp_path / "ut", credentials(address)) == str(uuid.UUID(int=42))
    content, sent = received[0]
    assert content["eksternReferanse"] == "2026/17"
    assert [(name, kind) for name, kind, _ in sent] == [
        ("plan.pdf", "application/pdf"),
        ("områder.csv", "text/csv"),
    ]
    assert sent[0][2] == b"%PDF-1.7 plan"


def test_a_refusal_is_told_in_svaruts_own_words(
    addressed: dict[str, Any], files: list[Path], tmp_path: Path, server: tuple[str, list[Any]]
) -> None:
    address, received = server
    write_dispatch(addressed, files, tmp_path / "ut")
    with pytest.raises(InputError, match=r"401\): feil passord"):
        send_dispatch(tmp_path / "ut", credentials(address, integration_password="galt"))
    assert not received


def test_an_unreachable_svarut_is_one_sentence(
    addressed: dict[str, Any], files: list[Path], tmp_path: Path
) -> None:
    write_dispatch(addressed, files, tmp_path / "ut")
    with pytest.raises(InputError, match="fikk ikke kontakt"):
        send_dispatch(tmp_path / "ut", credentials("http://127.0.0.1:9"))


def test_secrets_never_leave_over_an_open_line(
    addressed: dict[str, Any], files: list[Path], tmp_path: Path
) -> None:
    write_dispatch(addressed, files, tmp_path / "ut")
    with pytest.raises(InputError, match="https"):
        send_dispatch(tmp_path / "ut", credentials("http://svarut.example/api"))
    assert "hemmelig" not in repr(credentials("https://x"))
    assert "nokkel" not in repr(credentials("https://x"))


def test_without_credentials_nothing_can_be_sent() -> None:
    with pytest.raises(InputError, match="BREDBAND_SVARUT_KONTO, BREDBAND_SVARUT_TOKEN"):
        credentials_from_environment({})


def test_credentials_come_from_the_environment_and_go_to_the_test_environment() -> None:
    names = ("KONTO", "TOKEN", "INTEGRASJON_ID", "INTEGRASJON_PASSORD")
    given = credentials_from_environment({f"BREDBAND_SVARUT_{name}": name for name in names})
    assert given.account == "KONTO"
    assert given.address.startswith("https://test.svarut.ks.no")


@pytest.mark.parametrize("fault", ["no recipient", "no address", "missing", "name", "twice"])
def test_a_bad_dispatch_is_one_sentence_and_nothing_is_written(
    fault: str, addressed: dict[str, Any], files: list[Path], tmp_path: Path
) -> None:
    choices = addressed["scenario"]["output"]["dispatch"]
    if fault == "no recipient":
        choices["recipient"] = ""
    elif fault == "no address":
        choices["recipient_number"] = ""
    elif fault == "missing":
        files.append(tmp_path / "borte.pdf")
    elif fault == "name":
        (tmp_path / "a:b.pdf").write_bytes(b"")
        files.append(tmp_path / "a:b.pdf")
    else:
        files.append(files[0])
    with pytest.raises(InputError):
        write_dispatch(addressed, files, tmp_path / "ut")
    assert not (tmp_path / "ut").exists()
