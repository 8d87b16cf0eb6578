"""Fetching from a server on 127.0.0.1 that drops, refuses, cuts short and changes its files."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import urllib.error
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from bredband.errors import InputError
from bredband.sources.fetch import Area, Hosts, Patience, download, fetch_area, find_area
from bredband.sources.fetch.area import file_name

BODY = bytes(range(256)) * 2000
CALM = Patience(timeout_s=5, tries=6, first_wait_s=0.01)


class Publisher:
    """A small publisher: answers by path, after a list of troubles for each path."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.troubles: dict[str, list[str]] = {}
        self.etag = '"a"'
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.posts: list[bytes] = []
        self.now = self.most = 0
        self.lock = threading.Lock()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                publisher.posts.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def do_GET(self):
                with publisher.lock:
                    publisher.now += 1
                    publisher.most = max(publisher.most, publisher.now)
                try:
                    publisher.answer(self)
                finally:
                    with publisher.lock:
                        publisher.now -= 1

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False  # closing waits for them: no socket outlives its test
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        path = urlsplit(request.path).path
        self.asked.append((request.path, dict(request.headers)))
        trouble = self.troubles.get(path, [])
        what = trouble.pop(0) if trouble else ""
        if what.isdigit():
            request.send_response(int(what))
            request.send_header("Retry-After", "0")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        body = self.files.get(path) or self.files.get(request.path)
        if body is None:
            request.send_error(404)
            return
        start = 0
        if what == "change":
            self.etag = '"b"'
            self.files[path] = body = body[::-1]
        asked = request.headers.get("Range")
        if asked and request.headers.get("If-Range") == self.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        request.send_response(206 if start else 200)
        request.send_header("ETag", self.etag)
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        rest = body[start:]
        if what == "drop":
            request.wfile.write(rest[: len(rest) // 3])
            request.wfile.flush()
            request.connection.close()
        else:
            request.wfile.write(rest)


@pytest.fixture
def publisher(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Publisher()
    yield server
    server.server.shutdown()
    server.server.server_close()


def fetch(publisher, target, *troubles, waits=None):
    publisher.files["/fil"] = BODY
    publisher.troubles["/fil"] = list(troubles)
    log = waits if waits is not None else []
    return download(
        publisher.url + "/fil",
        target,
        publisher="Prøve",
        licence="CC BY 4.0",
        patience=CALM,
        wait=log.append,
    )


def ask_in_vain(monkeypatch, tmp_path, fault):
    """Fetch from a host that every attempt fails with; give the fault and the pauses."""

    def fails(*_, **__):
        raise urllib.error.URLError(fault)

    monkeypatch.setattr("urllib.request.urlopen", fails)
    url, waits = "https://ws.example/fil", []
    with pytest.raises(InputError) as told:
        download(url, tmp_path / "fil", publisher="", licence="", patience=CALM, wait=waits.append)
    return told.value, waits


def test_a_whole_file_with_its_note(publisher, tmp_path):
    fetched = fetch(publisher, tmp_path / "fil.bin")
    assert (tmp_path / "fil.bin").read_bytes() == BODY
    note = json.loads((tmp_path / "fil.bin.kilde.json").read_text("utf-8"))
    assert note["sha256"] == fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (note["licence"], note["bytes"]) == ("CC BY 4.0", len(BODY))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fil.bin", "fil.bin.kilde.json"]
    headers = publisher.asked[0][1]
    assert headers["User-Agent"].startswith("bredband")
    assert headers["X-Client"] == "bredband"


def test_it_goes_on_where_it_broke(publisher, tmp_path):
    fetch(publisher, tmp_path / "fil", "drop", "503", "drop", "429")
    assert (tmp_path / "fil").read_bytes() == BODY
    ranges = [headers.get("Range") for _, headers in publisher.asked]
    assert ranges[0] is None
    third = len(BODY) // 3
    assert ranges[1] == ranges[2] == f"bytes={third}-"
    assert ranges[4] == f"bytes={third + (len(BODY) - third) // 3}-"


def test_a_file_that_changed_meanwhile_is_begun_again(publisher, tmp_path):
    fetch(publisher, tmp_path / "fil", "drop", "change")
    assert (tmp_path / "fil").read_bytes() == BODY[::-1]


def test_a_later_attempt_goes_on_too(publisher, tmp_path):
    waits: list[float] = []
    with pytest.raises(InputError, match="etter 6 forsøk"):
        fetch(publisher, tmp_path / "fil", "drop", *["503"] * 5, waits=waits)
    assert not (tmp_path / "fil").exists()
    assert waits[0] == 0.01
    assert waits[1:] == [0, 0, 0, 0]  # as the publisher asked
    fetch(publisher, tmp_path / "fil")
    assert publisher.asked[-1][1]["Range"] == f"bytes={len(BODY) // 3}-"
    assert (tmp_path / "fil").read_bytes() == BODY


def test_what_is_there_is_not_fetched_again_unless_it_is_damaged(publisher, tmp_path):
    fetch(publisher, tmp_path / "fil")
    fetch(publisher, tmp_path / "fil")
    assert len(publisher.asked) == 1
    (tmp_path / "fil").write_bytes(b"odelagt")
    fetch(publisher, tmp_path / "fil")
    assert (tmp_path / "fil").read_bytes() == BODY


@pytest.mark.parametrize("code", ["404", "403", "410"])
def test_a_refusal_is_not_asked_again(publisher, tmp_path, code):
    with pytest.raises(InputError):
        fetch(publisher, tmp_path / "fil", code)
    assert len(publisher.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_it_says_so_at_once(monkeypatch, tmp_path):
    nobody = socket.gaierror(-2, "Name or service not known")
    told, waits = ask_in_vain(monkeypatch, tmp_path, nobody)
    assert told.message == "finner ikke ws.example, så ingenting kan hentes."
    assert told.advice.startswith("Er maskinen på nett?")
    assert waits == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (TimeoutError("timed out"), "ikke noe svar på 5 sekunder"),
        (ConnectionRefusedError(111, "Connection refused"), "tilkoblingen ble avvist"),
        (ConnectionResetError(104, "Connection reset by peer"), "tilkoblingen ble brutt"),
    ],
)
def test_why_it_failed_is_said_in_norwegian(monkeypatch, tmp_path, fault, words):
    told, waits = ask_in_vain(monkeypatch, tmp_path, fault)
    assert f"etter 6 forsøk ({words})" in told.message
    assert len(waits) == 5


def test_only_web_addresses(tmp_path):
    with pytest.raises(InputError, match="nettadresse"):
        download("file:///etc/passwd", tmp_path / "x", publisher="", licence="")


FYLKER = [
    {
        "fylkesnummer": "34", "fylkesnavn": "Innlandet",
        "avgrensningsboks": {"coordinates": [[[11.2, 60.7], [12.1, 60.7], [12.1, 61.1], [11.2, 61.1]]]},
        "kommuner": [
            {"kommunenummer": "3420", "kommunenavn": "Elverum", "kommunenavnNorsk": "Elverum",
             "avgrensningsboks": {"coordinates": [[[11.5, 60.8], [11.6, 60.8], [11.6, 60.85], [11.5, 60.85]]]}},
        ],
    }
]  # fmt: skip


def hosts_of(publisher):
    u = publisher.url
    return Hosts(geonorge=u, kommuneinfo=u + "/kommuneinfo/v1", nvdb=u + "/nvdb", wcs=u + "/wcs")


def page(start):
    neste = {"start": start, "href": "x"} if start else None
    return json.dumps(
        {"objekter": [{"veglenkesekvensid": 1, "veglenker": []}], "metadata": {"neste": neste}}
    ).encode()


def stock(publisher):
    """Fill the publisher: addresses only in the feed, land cover only by order."""
    files = publisher.files
    files["/kommuneinfo/v1/fylkerkommuner"] = json.dumps(FYLKER).encode()
    files["/feed.zip_3420_"] = b"adresser"
    files["/geonorge/ATOM-feeds/MatrikkelenAdresse_AtomFeedCSV.xml"] = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><category term="EPSG:4258"/>'
        f'<link href="{publisher.url}/feil_3420_"/></entry><entry><category term="EPSG:25833"/>'
        f'<link href="{publisher.url}/feed.zip_3420_"/></entry></feed>'
    ).encode()
    waiting = {
        "referenceNumber": "7",
        "files": [{"status": "WaitingForProcessing", "downloadUrl": None}],
    }
    files["/api/order"] = json.dumps(waiting).encode()
    ready = {
        "files": [{"status": "ReadyForDownload", "downloadUrl": publisher.url + "/bestilt.zip"}]
    }
    files["/api/order/7"] = json.dumps(ready).encode()
    files["/bestilt.zip"] = b"n50"
    files[
        "/geonorge/Basisdata/Kommuner/GeoJSON/Basisdata_0000_Norge_25833_Kommuner_GeoJSON.zip"
    ] = b"grenser"
    files["/nvdb/veglenkesekvenser?kommune=3420&antall=1000"] = page("144")
    files["/nvdb/veglenkesekvenser?kommune=3420&antall=1000&start=144"] = page("")
    files["/wcs"] = b"II*\0flis"


def test_an_area_from_all_its_publishers(publisher, tmp_path):
    stock(publisher)
    hosts = hosts_of(publisher)
    area = find_area("elverum", hosts, patience=CALM)
    assert (area.number, area.kommuner) == ("3420", ("3420",))
    publisher.troubles = {
        "/bestilt.zip": ["drop", "503"],
        "/wcs": ["429"],
        "/nvdb/veglenkesekvenser": ["503"],
    }
    publisher.asked.clear()
    said: list[str] = []
    fetched = fetch_area(
        area, tmp_path, hosts=hosts, patience=CALM, wait=lambda s: None, report=said.append
    )
    assert (
        tmp_path / "adresser" / file_name(area, "MatrikkelenAdresse", "CSV")
    ).read_bytes() == b"adresser"
    assert (tmp_path / "arealdekke" / file_name(area, "N50Kartdata", "FGDB")).read_bytes() == b"n50"
    assert sorted(p.name for p in (tmp_path / "veger").glob("*.json") if "kilde" not in p.name) == [
        "nvdb_3420_001.json", "nvdb_3420_002.json",
    ]  # fmt: skip
    tiles = list((tmp_path / "terreng").glob("*.tif"))
    assert 1 <= len(tiles) <= 4
    query = parse_qs(urlsplit(next(p for p, _ in publisher.asked if p.startswith("/wcs"))).query)
    west, south, east, north = map(int, query["bbox"][0].split(","))
    assert (east - west, north - south) == (20_000, 20_000)
    assert json.loads(publisher.posts[0])["orderLines"][0]["areas"][0]["code"] == "3420"
    assert len(fetched) == 5 + len(tiles)
    assert {f.licence for f in fetched} == {"CC BY 4.0", "NLOD 1.0"}
    assert publisher.most <= 4
    assert len(said) == 4 + len(tiles)
    publisher.asked.clear()
    fetch_area(area, tmp_path, hosts=hosts, patience=CALM, wait=lambda s: None)
    again = [
        path
        for path, _ in publisher.asked
        if not path.startswith(("/geonorge/Basisdata", "/geonorge/ATOM", "/api"))
    ]
    assert again == []


def test_what_fails_is_named_and_the_rest_is_kept(publisher, tmp_path):
    stock(publisher)
    publisher.files["/wcs"] = b"<ServiceExceptionReport/>"
    area = Area("3420", "Elverum", ("3420",), (300_000.0, 6_740_000.0, 301_000.0, 6_741_000.0))
    with pytest.raises(InputError, match="GeoTIFF"):
        fetch_area(area, tmp_path, hosts=hosts_of(publisher), patience=CALM, wait=lambda s: None)
    assert (tmp_path / "adresser" / file_name(area, "MatrikkelenAdresse", "CSV")).exists()
    assert not list((tmp_path / "terreng").glob("*.tif"))


def test_names_in_addresses():
    area = Area("1818", "Herøy på Ås", (), (0, 0, 0, 0))
    assert (
        file_name(area, "N50Kartdata", "FGDB")
        == "Basisdata_1818_Heroy_pa_As_25833_N50Kartdata_FGDB.zip"
    )


def test_real_answers(publisher, shared_data, tmp_path):
    fixtures = shared_data / "norway/api_fixtures"
    publisher.files["/kommuneinfo/v1/fylkerkommuner"] = (
        fixtures / "kommuneinfo_fylkerkommuner.json"
    ).read_bytes()
    hosts = hosts_of(publisher)
    assert find_area("Karasjok", hosts, patience=CALM).number == "5437"
    assert find_area("Oslo", hosts, patience=CALM).number == "0301"
    assert len(find_area("34", hosts, patience=CALM).kommuner) == 46
    with pytest.raises(InputError, match="er flere"):
        find_area("Herøy", hosts, patience=CALM)
    with pytest.raises(InputError, match="kjenner ingen"):
        find_area("Atlantis", hosts, patience=CALM)
    feed = (fixtures / "kartverket_bulk_atom_feed.xml").read_text("utf-8")
    publisher.files["/geonorge/ATOM-feeds/MatrikkelenAdresse_AtomFeedCSV.xml"] = feed.replace(
        "https://nedlasting.geonorge.no", publisher.url + "/speil"
    ).encode()
    name = "Basisdata_5610_Karasjok_25833_MatrikkelenAdresse_CSV.zip"
    publisher.files[f"/speil/geonorge/Basisdata/MatrikkelenAdresse/CSV/{name}"] = b"PK"
    publisher.files["/nvdb/veglenkesekvenser"] = (
        fixtures / "nvdb_veglenkesekvenser.json"
    ).read_bytes()
    area = Area("5610", "Kárášjohka", ("5610",), (1.0, 1.0, 2.0, 2.0))
    with pytest.raises(InputError) as fault:
        fetch_area(area, tmp_path, hosts=hosts, patience=CALM, wait=lambda s: None)
    assert "adresser" not in str(fault.value)
    assert len(list((tmp_path / "adresser").glob("*.zip"))) == 1
    assert (
        len(list((tmp_path / "veger").glob("nvdb_5610_00?.json"))) == 2
    )  # the cursor does not move on
