"""A planner's way from raw files to a comparison, in a real browser with the network blocked."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile

from bredband import pipeline
from bredband.scenario import read_scenario
from tests.studio.browsing import look_over, text
from tests.studio.conftest import start, stop

DROPPED = """files => {
    const carried = new DataTransfer();
    for (const [name, text] of files) carried.items.add(new File([text], name));
    return carried;
}"""


def test_from_raw_files_to_a_comparison(server, page, lilleland_folder, tmp_path):
    # 1. A name, and the files dropped: each is recognised by what it holds.
    page.goto(server.address)
    assert "token" not in page.url
    look_over(page, "home")
    page.fill("#name", "Vesleland")
    page.get_by_role("button", name="Videre til filene").click()
    look_over(page, "empty county")
    raw = [path for path in sorted(lilleland_folder.iterdir()) if path.name != "scenario.toml"]
    with page.expect_navigation():
        page.set_input_files("#choose", raw[:1])
    dropped = page.evaluate_handle(DROPPED, [[p.name, p.read_text("utf-8")] for p in raw[1:]])
    with page.expect_navigation():
        page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    chosen = page.locator("table.files select").evaluate_all("all => all.map((s) => s.value)")
    assert sorted(chosen) == ["addresses", "borders", "lit_fibre", "operators", "roads"]

    # 2. Coverage today.
    page.get_by_role("button", name="Les filene").click()
    page.locator(".picture[data-ready]").wait_for()
    assert "12 husstander mangler 1 000 Mbit/s" in text(page, ".big").replace("\n", " ")
    look_over(page, "county")

    # 3. The form: explained, judged as she types, written as the command line's TOML.
    page.get_by_role("link", name="Nytt scenario").first.click()
    page.fill("[name=name]", "Grunnlinje <b>&")
    page.fill("[name='funding.local_share']", "150")
    page.locator("[data-fault='funding.local_share']", has_text="Kan være høyst 100 %.").wait_for()
    assert "Én ting må rettes" in text(page, "#verdict")
    look_over(page, "form at fault")
    page.fill("[name='funding.local_share']", "abc")
    page.locator("[data-fault='funding.local_share']", has_text="Må være et tall.").wait_for()
    page.fill("[name='funding.local_share']", "0")
    page.fill("[name='funding.operator_nok_per_household']", "0")
    for i, amount in enumerate(["1", "1,5", "0,5", ""]):
        page.locator("[name='rollout.annual_grant_nok']").nth(i).fill(amount)
    page.locator("#verdict", has_text="Scenariet er gyldig").wait_for()
    assert "3 år (2027–2029), 3 mill. kr i alt" in text(page, "#sum")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.fill("[name='network.time_limit_s']", "1")
    page.fill("[name='areas.fewest_households']", "2")
    page.fill("[name='areas.most_households']", "6")
    look_over(page, "form unfolded")

    # 4. The run, with progress, and the result.
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator("#run").wait_for()
    look_over(page, "run")
    page.locator(".kpis").wait_for()
    assert page.locator("h1").inner_text() == "Grunnlinje <b>&"
    assert "est mulig" in text(page, ".proof")
    page.frame_locator("iframe.map").locator("html[data-ready=true]").wait_for(state="attached")
    folder = server.folder / "scenarioer" / "grunnlinje-b"
    scenario = read_scenario(folder / "scenario.toml")
    assert scenario.rollout.annual_grant_nok == (1_000_000, 1_500_000, 500_000)
    document = json.loads((folder / "resultat" / "plan.json").read_text("utf-8"))
    assert f"{document['kpis']['gained_households']}" in text(page, ".kpis")
    look_over(page, "result")
    pipeline.run(scenario, tmp_path / "ut")  # what «bredband run» does
    same = [(place / "plan.json").read_bytes() for place in (folder / "resultat", tmp_path / "ut")]
    assert same[0] == same[1]

    # 5. One lever changed, a hamlet left out on the list.
    page.get_by_role("link", name="Endre én ting").first.click()
    page.locator("#pick[data-ready]").wait_for()
    page.fill("[name=name]", "Uten Vesle")
    page.locator("#areas tr", has_text="Vesle").get_by_label("Skal ikke bygges").check()
    page.locator("#verdict", has_text="Scenariet er gyldig").wait_for()
    look_over(page, "form with places")
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator(".kpis").wait_for()
    values = tomllib.loads(
        (server.folder / "scenarioer/uten-vesle/scenario.toml").read_text("utf-8")
    )
    assert len(values["rollout"]["must_not_build"]) == 1
    assert "Scenariet holder området utenfor" in text(page, "tr.left")

    # 6. Side by side: two, then three.
    shutil.copytree(folder, folder.with_name("tredje"))
    page.goto(f"http://127.0.0.1:{server.port}/")
    look_over(page, "home with scenarios")
    for mine in ("grunnlinje-b", "tredje", "uten-vesle"):  # beside those of other tests
        page.locator(f"input[name=s][value={mine}]").check()
    page.get_by_role("button", name="Sammenlign de valgte").first.click()
    page.frame_locator("iframe.map").locator("html[data-ready=true]").wait_for(state="attached")
    assert "−4" in text(page, ".side-by-side")
    assert page.locator(".side-by-side thead th").count() == 3
    page.select_option("#b", "tredje")
    page.get_by_role("button", name="Vis").click()
    page.frame_locator("iframe.map").locator("html[data-ready=true]").wait_for(state="attached")
    look_over(page, "comparison")

    # 7. Why not my hamlet?
    page.goto(f"http://127.0.0.1:{server.port}/scenario/uten-vesle/hvorfor")
    page.locator(".picture[data-ready]").wait_for()
    page.fill("#address", "vesle")
    page.locator("#hits button").first.click()
    page.locator(".why li").first.wait_for()
    assert "som ikke bygges i denne planen" in text(page, ".verdict")
    assert "Scenariet utelukker området" in text(page, ".why")
    look_over(page, "why")
    page.locator("#why-map > canvas").press("Enter")  # the address in the middle, by keyboard
    page.locator(".why li").first.wait_for()

    # 8. What she takes away.
    page.goto(f"http://127.0.0.1:{server.port}/scenario/uten-vesle")
    for name in ("plan.docx", "kart.html", "plan.gpkg", "adresselister.zip", "scenario.toml"):
        with page.expect_download() as download:
            page.locator(f"a[href$='/fil/{name}']").click()
        content = download.value.path().read_bytes()
        assert len(content) > 300
        if name == "adresselister.zip":
            assert any(n.endswith(".csv") for n in zipfile.ZipFile(io.BytesIO(content)).namelist())

    # 9. The command line makes the same of the same files, byte for byte.
    made = server.folder / "scenarioer" / "uten-vesle"
    again = tmp_path / "kommandolinja"
    command = ["run", str(made / "scenario.toml"), "--out", str(again)]
    subprocess.run([sys.executable, "-m", "bredband", *command], check=True, capture_output=True)
    shutil.rmtree(again / "lager")  # what the next run may use again
    files = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
    assert {"plan.json", "plan.gpkg", "plan.docx", "kart.html"} <= {str(file) for file in files}
    other = [f for f in files if (again / f).read_bytes() != (made / "resultat" / f).read_bytes()]
    assert other == []

    # 10. Nynorsk, and by keyboard only.
    page.get_by_role("button", name="Nynorsk").click()
    assert page.locator("html").get_attribute("lang") == "nn"
    assert "Husstandar som får tilbod" in text(page, ".kpis")
    page.goto(f"http://127.0.0.1:{server.port}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "innhold"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Uten Vesle":
            break
    page.keyboard.press("Enter")
    page.locator(".kpis").wait_for()


def test_a_restart_shows_what_was_there(server, tmp_path):
    """Ctrl-C during a run: the scenario is kept, the run is called stopped, nothing hangs."""
    folder = tmp_path / "mappe"
    source = server.folder / "fylker" / "lilleland"
    (folder / "fylker").mkdir(parents=True)
    (folder / "fylker" / "lilleland").mkdir()
    text = (source / "scenario.toml").read_text("utf-8")
    (folder / "fylker" / "lilleland" / "scenario.toml").write_text(text, "utf-8")
    first = start(folder)
    page = first.ask("GET", "/fylke/lilleland/nytt").text
    assert "Tilskudd per år" in page
    form = {
        "name": "Avbrutt",
        "rollout.annual_grant_nok": ["1"],
        "rollout.first_year": "2027",
        "kjor": "1",
    }
    answer = first.ask("POST", "/fylke/lilleland/nytt", form)
    assert answer.headers["location"] == "/scenario/avbrutt"
    second = first.ask("POST", "/fylke/lilleland/nytt", {**form, "name": "Venter"})
    assert second.status == 303
    assert "foran i køen" in first.ask("GET", "/").text
    first.ask("POST", "/scenario/venter/avbryt", {})
    assert "Kjøringen ble avbrutt" in first.ask("GET", "/scenario/venter").text
    printed = stop(first)
    assert "Traceback" not in printed
    status = json.loads((folder / "scenarioer" / "avbrutt" / "kjoring.json").read_text("utf-8"))
    assert (status["state"], status["cause"]) == ("stopped", "closed")
    again = start(folder)
    home = again.ask("GET", "/").text
    assert "Avbrutt" in home
    assert "Venter" in home
    assert "Studio ble lukket" in again.ask("GET", "/scenario/avbrutt").text
    stop(again)


def test_a_run_that_is_killed_or_fails_says_why_and_takes_nothing_down(server):
    """The first is killed as a full memory would; the second waits its turn and is refused."""
    form = {
        "name": "Drept", "rollout.annual_grant_nok": ["1"], "rollout.first_year": "2027",
        "network.time_limit_s": "1", "kjor": "1",
    }  # fmt: skip
    impossible = {**form, "name": "Umulig", "rollout.must_build": ["finnes-ikke"]}
    killed, failed = (
        server.ask("POST", "/fylke/lilleland/nytt", said).headers["location"].rsplit("/", 1)[1]
        for said in (form, impossible)
    )
    assert "Venter i kø" in server.ask("GET", f"/scenario/{failed}").text
    os.kill(server.worker(), signal.SIGKILL)
    status = server.wait(server.folder / "scenarioer" / killed)
    assert (status["state"], "SIGKILL" in status["sentence"]) == ("failed", True)
    status = server.wait(server.folder / "scenarioer" / failed)
    assert status["state"] == "failed"
    assert "finnes-ikke" in status["sentence"]
    for slug, word in ((killed, "minnet"), (failed, "finnes-ikke")):
        assert word in server.ask("GET", f"/scenario/{slug}").text
        assert not (server.folder / "scenarioer" / slug / "resultat").exists()
        assert server.ask("POST", f"/scenario/{slug}/slett", {}).status == 303
        assert not (server.folder / "scenarioer" / slug).exists()
