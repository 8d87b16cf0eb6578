from __future__ import annotations

import copy
import itertools
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from plans import HOSTILE, PROVENANCE, make_plan

from bredband.errors import InputError
from bredband.exchange import plan_document
from bredband.plan import SYNTHETIC_LABEL, Plan
from bredband.report import write_council_cases, write_county_plan
from bredband.report.blocks import Figure, Heading, Table
from bredband.report.chapters import county_plan
from bredband.report.wordml import column_widths
from bredband.units import format_int, format_percent

TABLES = 15


@pytest.fixture(scope="module")
def word(content: dict[str, Any], plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("docx") / "plan.docx"
    write_county_plan(content, plan, path)
    return docx.Document(str(path))


def text_of(word: Any) -> str:
    return "\n".join(element.text or "" for element in word.element.body.iter(qn("w:t")))


def test_the_chapters_are_those_that_a_county_plan_has(word: Any) -> None:
    chapters = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
    assert chapters == [
        "Sammendrag",
        "Mål",
        "Nåsituasjon",
        "Behov",
        "Metode og data",
        "Prioritert liste over områder",
        "Kart",
        "Økonomi per år",
        "Usikkerhet og robusthet",
        "Hva som ikke nås, og hvorfor",
        "Vedlegg",
    ]


def test_every_number_comes_from_the_plan_document(
    content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    changed = copy.deepcopy(content)
    changed["kpis"]["gained_households"] = 777_777
    changed["kpis"]["served_after_share"] = 0.4321
    write_county_plan(changed, plan, tmp_path / "plan.docx")
    text = text_of(docx.Document(str(tmp_path / "plan.docx")))
    assert format_int(777_777) in text
    assert format_percent(0.4321) in text


def test_figures_have_a_text_alternative_and_tables_a_repeated_header(word: Any) -> None:
    pictures = list(word.element.body.iter(qn("wp:docPr")))
    assert len(pictures) == 4
    assert all(len(picture.get("descr", "")) > 60 for picture in pictures)
    tables = [t for t in word.tables if t.style is not None and t.style.name == "Plantabell"]
    assert len(tables) == TABLES
    for table in tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_captions_are_counted_by_word_and_headings_stand_in_the_contents(word: Any) -> None:
    fields = [element.text.strip() for element in word.element.body.iter(qn("w:instrText"))]
    assert sum(field.startswith("SEQ Tabell") for field in fields) == TABLES
    assert sum(field.startswith("SEQ Figur") for field in fields) == 4
    assert any(field.startswith("TOC") for field in fields)
    anchors = {link.get(qn("w:anchor")) for link in word.element.body.iter(qn("w:hyperlink"))}
    marks = {mark.get(qn("w:name")) for mark in word.element.body.iter(qn("w:bookmarkStart"))}
    assert anchors
    assert anchors <= marks


def test_the_language_is_norwegian_and_pages_are_numbered(word: Any) -> None:
    languages = {language.get(qn("w:val")) for language in word.styles.element.iter(qn("w:lang"))}
    assert languages == {"nb-NO"}
    footer = "".join(
        element.text for element in word.sections[-1].footer._element.iter(qn("w:instrText"))
    )
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_synthetic_data_are_labelled_on_the_first_page_and_on_every_other(word: Any) -> None:
    assert any(p.text == SYNTHETIC_LABEL and p.style.name == "Varsel" for p in word.paragraphs)
    assert all(SYNTHETIC_LABEL in section.header.paragraphs[0].text for section in word.sections)


def test_solver_status_bound_and_gap_stand_in_the_method_chapter(content: dict[str, Any]) -> None:
    tables = [block for block in county_plan(content).blocks if isinstance(block, Table)]
    proof = next(table for table in tables if table.caption == "Løserens resultat og bevis")
    assert proof.rows[0][:5] == (
        "vektede husstandsår", "bevist best mulig", "812", "812", "0,05\u00a0%",
    )  # fmt: skip


def test_every_table_of_money_says_that_it_is_an_estimate(content: dict[str, Any]) -> None:
    blocks = county_plan(content).blocks
    for index, block in enumerate(blocks):
        if isinstance(block, Table) and any("mill. kr" in name for name in block.header):
            near = " ".join(
                getattr(other, "text", "") for other in blocks[max(0, index - 3) : index + 2]
            )
            assert "nslag" in block.caption + near, block.caption


def test_the_rows_of_every_table_fit_its_header(content: dict[str, Any]) -> None:
    for block in county_plan(content).blocks:
        if isinstance(block, Table):
            lengths = {len(row) for row in (block.header, *block.rows, block.numeric, block.widths)}
            assert len(lengths | ({len(block.total)} if block.total else set())) == 1, block.caption


@pytest.mark.parametrize("letter", [70.0, 80.0, 90.0])
def test_no_word_of_a_table_is_broken_while_there_is_room(letter: float) -> None:
    table = Table(
        "",
        ("Husstander", "FTB", "Område"),
        (("1", "2", "Blåklokkeåsvegen 3"),),
        (True,) * 3,
        (1.0, 3.0, 3.0),
    )
    widths = column_widths(table, 7_000.0, letter)
    assert sum(widths) == pytest.approx(7_000, abs=2)
    assert all(width >= letter * need for width, need in zip(widths, (12, 5, 18), strict=True))
    roomy = column_widths(table, 70_000.0, letter)
    assert roomy == [10_000, 30_000, 30_000]
    assert column_widths(table, 1_000.0, letter) == [143, 429, 429]


def test_the_accumulated_grant_ends_at_the_grant_of_the_plan(content: dict[str, Any]) -> None:
    tables = [block for block in county_plan(content).blocks if isinstance(block, Table)]
    listed = next(table for table in tables if table.caption == "Områder i byggerekkefølge")
    in_millions = f"{content['kpis']['grant_nok'] / 1e6:.1f}".replace(".", ",")
    assert listed.rows[-1][-1] == in_millions
    numbers = [row[0] for row in listed.rows if row[0]]
    assert numbers == [str(n + 1) for n in range(content["kpis"]["areas_built"])]


def test_the_same_plan_gives_the_same_bytes(
    content: dict[str, Any], plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endings = ("docx", "pdf", "html")
    write_county_plan(content, plan, *(tmp_path / f"a.{ending}" for ending in endings))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    for ending in endings:
        write_county_plan(content, plan, tmp_path / f"b.{ending}")
        first, second = (tmp_path / f"{name}.{ending}" for name in "ab")
        assert first.read_bytes() == second.read_bytes(), ending
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_the_pdf_declares_universal_access_and_long_life(
    content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    write_county_plan(content, plan, tmp_path / "plan.pdf")
    pdf = (tmp_path / "plan.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"/Lang(nb-NO)" in pdf.replace(b" ", b"")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_html_page_is_accessible_and_needs_no_network(
    content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    write_county_plan(content, plan, tmp_path / "plan.html")
    text = (tmp_path / "plan.html").read_text("utf-8")
    page = Page(text)
    assert page.all("html")[0]["lang"] == "nb"
    assert not page.all("script")
    assert not page.all("link")
    assert all(len(image["alt"] or "") > 60 for image in page.all("img"))
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == TABLES
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all((image["src"] or "").startswith("data:") for image in page.all("img"))
    anchors = {attributes.get("id") for _, attributes in page.tags}
    assert all((link["href"] or "").removeprefix("#") in anchors for link in page.all("a"))
    assert "default-src 'none'" in text


def test_hostile_names_are_shown_and_do_nothing(
    hostile_content: dict[str, Any], hostile_plan: Plan, tmp_path: Path
) -> None:
    write_county_plan(hostile_content, hostile_plan, tmp_path / "plan.html")
    page = Page((tmp_path / "plan.html").read_text("utf-8"))
    assert not page.all("script")
    write_county_plan(hostile_content, hostile_plan, tmp_path / "plan.docx")
    text = text_of(docx.Document(str(tmp_path / "plan.docx")))
    assert HOSTILE[0] in text
    assert HOSTILE[3] in text
    write_county_plan(hostile_content, hostile_plan, tmp_path / "plan.pdf")
    write_council_cases(hostile_content, hostile_plan, tmp_path / "saker")
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {
        ".html",
        ".docx",
        ".pdf",
    }


def test_nynorsk_is_nynorsk_all_through(tmp_path: Path) -> None:
    made = make_plan(output={"language": "nn", "date": "2026-11-23"})
    written = plan_document(made, provenance=PROVENANCE)
    story = county_plan(written)
    heads = [block.text for block in story.blocks if isinstance(block, Heading)]
    assert "Samandrag" in heads
    own = {"sammendrag", "ikke", "hvorfor", "husstander", "tilskudd", "bredbånd", "vektede"}
    said = [getattr(block, "text", "") + getattr(block, "caption", "") for block in story.blocks]
    for table in (block for block in story.blocks if isinstance(block, Table)):
        said += [cell for row in (table.header, *table.rows) for cell in row]
    texts = " ".join(said).lower()
    assert not own & set(re.findall(r"\w+", texts.replace("«", " ")))
    write_county_plan(written, made, tmp_path / "plan.docx")
    word = docx.Document(str(tmp_path / "plan.docx"))
    assert {lang.get(qn("w:val")) for lang in word.styles.element.iter(qn("w:lang"))} == {"nn-NO"}


def test_a_plan_that_builds_nothing_says_so(tmp_path: Path) -> None:
    made = make_plan()
    nothing = type(made)(**{**vars(made), "schedule": made.schedule.iloc[:0]})
    written = plan_document(nothing, provenance={})
    write_county_plan(written, nothing, tmp_path / "plan.docx")
    assert "Ingen områder bygges" in text_of(docx.Document(str(tmp_path / "plan.docx")))
    write_county_plan(written, nothing, tmp_path / "plan.pdf")
    write_council_cases(written, nothing, tmp_path / "saker")


def test_the_council_case_is_about_its_own_kommune(
    content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    paths = write_council_cases(content, plan, tmp_path)
    assert [path.name for path in paths] == [
        f"{code}_sak.{ending}" for code in ("9901", "9902", "9903") for ending in ("docx", "pdf")
    ]
    word = docx.Document(str(tmp_path / "9902_sak.docx"))
    assert word.paragraphs[0].text == "Bredbånd i Midtbygd"
    mine = {a["name"] for a in content["areas"] if a["kommune"] == "9902" and a["build_year"]}
    listed = {row.cells[1].text for row in word.tables[-1].rows[1:]}
    assert listed <= mine


def test_the_countys_own_template_is_filled_and_kept(
    content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    template = docx.Document()
    template.add_paragraph("Forside: {{ tittel }}, {{ dato }}")
    template.add_paragraph("{{ plan }}")
    template.add_paragraph("Bakside")
    template.sections[0].header.paragraphs[0].text = "Fylkets topptekst {{ organisasjon }}"
    template.save(str(tmp_path / "mal.docx"))
    own = type(plan)(
        **{**vars(plan), "scenario": plan.scenario.model_copy(update={"folder": tmp_path})}
    )
    changed = copy.deepcopy(content)
    changed["scenario"]["output"]["docx_template"] = "mal.docx"
    write_county_plan(changed, own, tmp_path / "plan.docx")
    word = docx.Document(str(tmp_path / "plan.docx"))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert texts[0] == "Forside: Bredbåndsplan for Fjordfylke, 23.\u00a0november 2026"
    assert texts[-1] == "Bakside"
    assert texts.index(SYNTHETIC_LABEL) < texts.index("Sammendrag") < texts.index("Bakside")
    header = word.sections[0].header.paragraphs[0].text
    assert header == "Fylkets topptekst Fjordfylke fylkeskommune"
    assert any(style.name == "Plantabell" for style in word.styles)


@pytest.mark.parametrize("fault", ["missing", "broken", "unknown field"])
def test_a_bad_template_is_one_sentence_and_nothing_is_written(
    fault: str, content: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    template = tmp_path / "mal.docx"
    if fault == "broken":
        template.write_bytes(b"not a document")
    elif fault == "unknown field":
        bad = docx.Document()
        bad.add_paragraph("{{ fylkesordforer }}")
        bad.save(str(template))
    changed = copy.deepcopy(content)
    changed["scenario"]["output"]["docx_template"] = str(template)
    with pytest.raises(InputError, match=r"mal\.docx.*Word-malen"):
        write_county_plan(changed, plan, tmp_path / "plan.docx")
    assert not (tmp_path / "plan.docx").exists()


def test_figures_tell_in_words_what_they_show(content: dict[str, Any]) -> None:
    figures = [block for block in county_plan(content).blocks if isinstance(block, Figure)]
    assert [figure.name for figure in figures] == ["kommuner", "map", "economy", "served"]
    for year in content["by_year"]:
        assert str(year["build_year"]) in figures[1].alternative
        assert str(year["build_year"]) in figures[2].alternative


@pytest.mark.parametrize(
    ("plan_on", "draws", "expected"),
    [
        ("cut", 0, "over 50 %. Av"),
        ("expected", 0, "så mye som den trolig mangler tilbudet"),
        ("draws", 200, "i ni av ti utgaver mellom 3 og 8"),
    ],
)
def test_the_doubt_about_coverage_is_told_in_figures(
    content: dict[str, Any], plan_on: str, draws: int, expected: str
) -> None:
    changed = copy.deepcopy(content)
    changed["certainty"].update(
        plan_on=plan_on,
        draws=draws,
        conflicts=2,
        conflict_households=1.2,
        expected_served_before_share=0.625,
        low_gained_households=3.2 if draws else None,
        high_gained_households=7.9 if draws else None,
    )
    told = repr(county_plan(changed).blocks).replace("\\xa0", " ")
    assert "når 62,5 % av husstandene målet i dag" in told
    assert expected in told
    assert "Ved 2 adresser sier svar eller målinger noe annet" in told
    assert "1 husstand er trolig regnet feil" in told
    changed["certainty"]["conflicts"] = 0
    assert "Ingen svar eller målinger sier noe annet" in repr(county_plan(changed).blocks)
