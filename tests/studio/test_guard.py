"""Strangers are turned away with a sentence, and nothing is written outside its folder."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import select
import socket
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from bredband.errors import InputError
from bredband.studio import uploads
from bredband.studio.app import make_app
from bredband.studio.words import words

POLICY = "default-src 'none'"


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "[::1]:80", "0.0.0.0"]
)
def test_another_host_is_refused(server, host):
    answer = server.ask("GET", "/", Host=host)
    assert (answer.status, "egen adresse" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_origin_is_refused(server, origin, method):
    answer = server.ask(method, "/fylke/lilleland/les" if method == "POST" else "/", Origin=origin)
    assert (answer.status, "annen side" in answer.text) == (403, True)


def test_a_change_without_origin_or_from_another_site_is_refused(server):
    assert server.ask("POST", "/fylke/lilleland/les", Origin="").status == 403
    assert server.ask("POST", "/fylke/lilleland/les", Sec_Fetch_Site="cross-site").status == 403


@pytest.mark.parametrize(
    "cookie", ["", "bredband=x", "bredband-{port}=feil", '"', "bredband-{port}="]
)
def test_without_the_token_nothing_is_shown(server, cookie):
    answer = server.ask("GET", "/", Cookie=cookie.format(port=server.port))
    assert (answer.status, "token" in answer.text) == (403, True)
    assert "Lilleland" not in answer.text
    assert server.ask("GET", "/?token=feil", Cookie="").status == 403


REFUSED = {
    "host": ("GET", {"Host": "evil.example"}),
    "origin": ("POST", {"Origin": "http://evil.example"}),
    "no_origin": ("POST", {"Origin": ""}),
    "site": ("POST", {"Sec_Fetch_Site": "cross-site"}),
    "token": ("GET", {"Cookie": ""}),
}


@pytest.mark.parametrize("refusal", REFUSED)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [("nn-NO,nn;q=0.9,nb;q=0.8", "nn"), ("en, NN", "nn"), ("nb-NO,nn;q=0.5", "nb"), ("", "nb"), ("fr", "nb")],
)  # fmt: skip
def test_a_refusal_is_said_in_the_planners_language(server, refusal, accepted, language):
    method, headers = REFUSED[refusal]
    answer = server.ask(method, "/fylke/lilleland/les", Accept_Language=accepted, **headers)
    assert answer.status == 403
    assert answer.text == words(language)["refusals"][refusal]


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_what_she_has_chosen_comes_before_what_the_browser_asks(server, language):
    other = "nb" if language == "nn" else "nn"
    answer = server.ask(
        "GET", "/", Host="evil.example", Cookie=f"maalform={language}", Accept_Language=other
    )
    assert answer.text == words(language)["refusals"]["host"]


def test_every_refusal_exists_in_both_languages():
    assert set(words("nb")["refusals"]) == set(words("nn")["refusals"]) == set(REFUSED)
    assert not set(words("nb")["refusals"].values()) & set(words("nn")["refusals"].values())


def test_a_fault_of_our_own_is_a_sentence(tmp_path):
    """The studio's own mistake: said in Norwegian, and shown to the one who can mend it."""

    async def broken(request):
        raise ZeroDivisionError

    app = make_app(tmp_path, [Route("/brudd", broken)], token="t", port=1)
    heard: list[dict[str, Any]] = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        heard.append(message)

    headers = [(b"host", b"127.0.0.1:1"), (b"cookie", b"bredband-1=t")]
    scope = {"type": "http", "method": "GET", "path": "/brudd", "raw_path": b"/brudd", "headers": headers,
             "query_string": b"", "root_path": "", "scheme": "http", "server": ("127.0.0.1", 1)}  # fmt: skip
    with ThreadPoolExecutor(1) as thread, pytest.raises(ZeroDivisionError):
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    assert heard[0]["status"] == 500
    assert words("nb")["our_fault"] in heard[1]["body"].decode()


def test_the_token_moves_from_the_address_to_a_cookie(server):
    answer = server.ask("GET", f"/fylke/lilleland?a=b&token={server.token}", Cookie="")
    assert (answer.status, answer.headers["location"]) == (303, "/fylke/lilleland?a=b")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    away = server.ask("GET", f"//evil.example?token={server.token}", Cookie="")
    assert not away.headers.get("location", "").startswith("//")


def test_every_answer_carries_the_policy(server):
    for path in ("/", "/fylke/lilleland", "/utseende/studio.css", "/finnes/ikke", "/sammenlign"):
        answer = server.ask("GET", path)
        assert answer.headers["content-security-policy"].startswith(POLICY), path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/utseende/../app.py", "/utseende/..%2fapp.py", "/utseende/%2e%2e/app.py", "/utseende/words.py",
        "/fylke/..", "/fylke/%2e%2e%2f", "/fylke/..%2f..%2fetc", "/scenario/..%2flilleland",
        "/scenario/.hidden", "/fylke/lilleland%00", "/fylke/LILLELAND", "/scenario/x/fil/..%2f..%2fpasswd",
        "/sammenlign/kart?a=../fylker/lilleland&b=..", "/sammenlign?s=../x&s=../y",
    ],
)  # fmt: skip
def test_paths_lead_nowhere_else(server, path):
    answer = server.ask("GET", path)
    assert answer.status in (400, 404)
    assert "Traceback" not in answer.text
    assert "def " not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../ute.csv", "..\\ute.csv", "/etc/ute.csv", "a/b.csv", ".skjult.csv", "con.csv", "x\0.csv", "x\n.csv",
        "fil.exe", "fil.csv.html", "scenario.toml", "", "a" * 300 + ".csv", "a:b.csv", "\u202evsc.csv",
    ],
)  # fmt: skip
def test_file_names_that_lead_elsewhere_are_refused(server, name):
    before = everything(server.folder)
    answer = server.put("lilleland", name, b"a;b\n1;2\n")
    assert answer.status == 400
    assert answer.json()["sentence"].endswith(".")
    assert everything(server.folder) - before <= {"fylker/lilleland/filer"}


def bomb(size: int) -> bytes:
    """A zip file of a few bytes that says it holds ``size``."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("adresser.csv", b"0" * 1_000_000)
    data = bytearray(packed.getvalue())
    place = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, min(size, 0xFFFFFFFE))
    return bytes(data)


def dense(members: int, each: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for i in range(members):
            with archive.open(f"{i}.csv", "w", force_zip64=True) as member:
                for _ in range(each // 2**20):
                    member.write(bytes(2**20))
    return packed.getvalue()


def named(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, b"a;b\n")
    return packed.getvalue()


def nested(depth: int) -> bytes:
    data = named("a.csv")
    for _ in range(depth):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("inner.zip", data)
        data = outer.getvalue()
    return data


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (bomb(10 * 1024**3), "for stor"),
        (dense(1, 60 * 2**20), "for stor"),
        (named("../../ute.csv"), "peker ut"),
        (named("/etc/ute.csv"), "peker ut"),
        (named("C:\\ute.csv"), "peker ut"),
        (nested(4), "inni"),
        (b"PK\x03\x04 ikke en zip", "skadet"),
        (b"", "tom"),
    ],
)
def test_bombs_and_tricks_in_zip_files_are_refused(server, data, word):
    before = everything(server.folder)
    answer = server.put("lilleland", "kilde.zip", data)
    assert answer.status == 400
    assert word in answer.json()["sentence"]
    assert everything(server.folder) - before <= {"fylker/lilleland/filer"}


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(server):
    answer = server.ask(
        "PUT",
        "/fylke/lilleland/fil?navn=stor.csv",
        b"",
        Content_Length=str(10 * 1024**3),
        Accept="application/json",
    )
    assert answer.status == 400
    assert "større enn" in answer.json()["sentence"]


def test_a_form_without_an_end_is_refused(server):
    own = f"127.0.0.1:{server.port}"
    head = (
        f"POST /fylke/lilleland/sjekk HTTP/1.1\r\nHost: {own}\r\nOrigin: http://{own}\r\n"
        f"Cookie: bredband-{server.port}={server.token}\r\nAccept: application/json\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            while not select.select([line], [], [], 0)[0]:
                line.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        answer, sentence = b"", b"Skjemaet er for stort."
        while sentence not in answer and (part := line.recv(65536)):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400")
    assert sentence in answer


def test_members_within_bounds_pass_and_more_do_not(monkeypatch):
    uploads.check_zip("a.zip", io.BytesIO(named("a.csv", "b/c.csv")))
    monkeypatch.setattr(uploads, "MOST_MEMBERS", 1)
    with pytest.raises(InputError, match="mer enn 1"):
        uploads.check_zip("a.zip", io.BytesIO(named("a.csv", "b.csv")))


def test_a_thousand_hostile_scenario_bodies(server):
    """Each is answered with a sentence or a page, never a fault of ours, and nothing is made."""
    roll = random.Random(1)
    names = [
        "name", "rollout.annual_grant_nok", "rollout.first_year", "costs.trench_nok_per_m.soft.low_nok",
        "rollout.funds.0.name", "rollout.floors.99999999999.by_year", "sources.addresses", "folder", "extends",
        "rollout.must_build", "fra", "__class__", "output.docx_template", "", "rollout", "target.down_mbps",
    ]  # fmt: skip
    values = [
        "", "-1", "1e999", "NaN", "inf", "9" * 50, "9" * 5000, "../../etc/passwd", "<script>alert(1)</script>",
        "'; DROP TABLE", "\0", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "{{7*7}}", "=1+1", "\r\n[x]",
        '"""', "\\u0000", "🦊" * 500, "true", "0x10", "1_000", "−5", "1;2;3", "./.", "%00",
    ]  # fmt: skip
    before = everything(server.folder)
    for _ in range(1000):
        pairs = [(roll.choice(names), roll.choice(values)) for _ in range(roll.randint(0, 12))]
        pairs.append(("target.down_mbps", "-1"))
        path = roll.choice(["nytt", *["sjekk"] * 9])
        answer = server.ask("POST", f"/fylke/lilleland/{path}", pairs, Accept="application/json")
        assert answer.status in (200, 400, 422), (pairs, answer.text[:300])
        if path == "sjekk" and answer.status == 200:
            assert all(fault["sentence"] for fault in answer.json()["faults"])
        assert "<script>alert" not in answer.text
    assert everything(server.folder) == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"a=b", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 30_000), "application/x-www-form-urlencoded"),
    ],
)
def test_bodies_that_are_no_forms(server, body, kind):
    answer = server.ask(
        "POST", "/fylke/lilleland/sjekk", body, Content_Type=kind, Accept="application/json"
    )
    assert answer.status == 400
    assert json.loads(answer.text)["sentence"]


def test_names_are_escaped_on_every_page(server):
    name = '<img src=x onerror="x()">{{7*7}}'
    answer = server.ask("POST", "/fylke", {"name": name})
    slug = answer.headers["location"].rsplit("/", 1)[1]
    server.put(slug, "<b>.csv".replace("<", "(").replace(">", ")"), b"a;b\n1;2\n")
    for path in ("/", f"/fylke/{slug}", f"/fylke/{slug}/nytt"):
        text = server.ask("GET", path).text
        assert "<img" not in text
        assert "49" not in text.split("onerror")[1][:20]


def test_a_page_about_a_fault_is_nynorsk(server):
    cookie = f"bredband-{server.port}={server.token}; maalform=nn"
    page = server.ask("GET", "/scenario/finnes-ikke", Cookie=cookie).text
    assert "Scenarioet finst ikkje." in page
    assert "Gå til framsida" in page
