"""The house style of Word documents; a county's own template keeps what it already has."""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from bredband.report.wordml import has_style

FONT = "Arial"
INK = RGBColor(0x1B, 0x2A, 0x36)
BLUE = RGBColor(0x1F, 0x4E, 0x79)
QUIET = RGBColor(0x4A, 0x55, 0x60)

_MARGIN_CM = 2.3


def apply_house_style(word: Any, *, numbered: bool) -> None:
    """Restyle python-docx's plain document: page, letters, headings and their numbers."""
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    section.header_distance = section.footer_distance = Cm(1.1)
    _letters(word.styles["Normal"], 10.5, INK)
    _spacing(word.styles["Normal"], 0, 7, 1.15)
    for level, size, before, after in ((1, 19, 26, 9), (2, 13.5, 16, 5), (3, 11.5, 12, 4)):
        style = word.styles[f"Heading {level}"]
        _letters(style, size, BLUE, bold=True)
        _spacing(style, before, after, 1.05)
        style.paragraph_format.keep_with_next = True
    _letters(word.styles["Title"], 32, BLUE, bold=True)
    _spacing(word.styles["Title"], 0, 10, 1.05)
    _without_border(word.styles["Title"])
    _bar(word.styles["Title"], "2A9D8F")
    _letters(word.styles["Subtitle"], 16, INK)
    word.styles["Subtitle"].font.italic = False
    for spacing in word.styles["Subtitle"].element.rPr.findall(qn("w:spacing")):
        word.styles["Subtitle"].element.rPr.remove(spacing)
    _letters(word.styles["Caption"], 9, QUIET, bold=True)
    _spacing(word.styles["Caption"], 8, 4, 1.0)
    _letters(word.styles["List Bullet"], 10.5, INK)
    _spacing(word.styles["List Bullet"], 0, 4, 1.15)
    for name in ("Header", "Footer"):
        _letters(word.styles[name], 8.5, QUIET)
        while len(word.styles[name].paragraph_format.tab_stops):
            del word.styles[name].paragraph_format.tab_stops[0]
    if numbered:
        _number_headings(word)
    add_missing_styles(word)


def add_missing_styles(word: Any) -> None:
    """Add the styles that the plan needs and that the document lacks."""
    for name, size, colour, bold, before, after in (
        ("Ingress", 12.5, BLUE, False, 0, 10),
        ("Merknad", 9, QUIET, False, 2, 9),
        ("Nøkkeltall", 19, BLUE, True, 6, 0),
        ("Nøkkeltalltekst", 8.5, QUIET, False, 0, 6),
        ("Tabelltekst", 8.5, None, False, 1.5, 1.5),
        ("Tabelltekst smal", 7.5, None, False, 1.5, 1.5),
        ("Varsel", 11, INK, True, 18, 4),
    ):
        if not has_style(word, name):
            style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = word.styles["Normal"]
            _letters(style, size, colour, bold=bold)
            _spacing(style, before, after, 1.0 if "tekst" in name.lower() else 1.12)
            style.quick_style = True
            if name in ("Merknad", "Varsel"):
                _bar(style, "2A9D8F" if name == "Merknad" else "C77700")
    _contents_styles(word)
    if not has_style(word, "Plantabell", WD_STYLE_TYPE.TABLE):
        word.styles.element.append(parse_xml(_TABLE_STYLE))


def _letters(style: Any, size: float, colour: RGBColor | None, *, bold: bool = False) -> None:
    style.font.name = FONT
    style.font.size = Pt(size)
    style.font.bold = bold
    if colour is not None:
        style.font.color.rgb = colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for place in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{place}"), None)
    for place in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{place}"), FONT)


def _spacing(style: Any, before: float, after: float, line: float) -> None:
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = line


def _without_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _bar(style: Any, colour: str) -> None:
    """Draw a coloured bar to the left of the paragraph."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="8" w:color="{colour}"/></w:pBdr>'
    )
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
    style.paragraph_format.left_indent = Cm(0.35)


def _contents_styles(word: Any) -> None:
    if not has_style(word, "Innholdstittel"):
        style = word.styles.add_style("Innholdstittel", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        _letters(style, 19, BLUE, bold=True)
        _spacing(style, 0, 12, 1.0)
    for level, indent in ((1, 0.0), (2, 0.9)):
        if not has_style(word, f"toc {level}"):
            style = word.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            style.base_style = word.styles["Normal"]
            style.font.bold = level == 1
            style.paragraph_format.left_indent = Cm(indent)
            _spacing(style, 5 if level == 1 else 0, 2, 1.0)
            tabs = style.paragraph_format.tab_stops
            tabs.add_tab_stop(Cm(indent + (0.9 if level == 1 else 1.1)))


def _number_headings(word: Any) -> None:
    """Give chapters the numbers 1, 2, … and sections 1.1, 1.2, … by a list tied to the heading styles."""
    numbering = word.part.numbering_part.element
    number = "990"
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:pStyle w:val="Heading{level + 1}"/><w:suff w:val="tab"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:tabs><w:tab w:val="num" w:pos="{indent}"/></w:tabs>'
        f'<w:ind w:left="{indent}" w:hanging="{indent}"/></w:pPr></w:lvl>'
        for level, (text, indent) in enumerate((("%1", 567), ("%1.%2", 680)))
    )
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
            f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        ),
    )
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        )
    )
    for level in (1, 2):
        properties = word.styles[f"Heading {level}"].element.get_or_add_pPr()
        list_properties = properties.get_or_add_numPr()
        depth, list_number = OxmlElement("w:ilvl"), OxmlElement("w:numId")
        depth.set(qn("w:val"), str(level - 1))
        list_number.set(qn("w:val"), number)
        list_properties.extend([depth, list_number])


_TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="Plantabell">
  <w:name w:val="Plantabell"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr>
    <w:tblStyleRowBandSize w:val="1"/>
    <w:tblBorders>
      <w:top w:val="single" w:sz="8" w:space="0" w:color="1F4E79"/>
      <w:bottom w:val="single" w:sz="8" w:space="0" w:color="1F4E79"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="D9DEE2"/>
    </w:tblBorders>
    <w:tblCellMar>
      <w:top w:w="15" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>
      <w:bottom w:w="15" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/><w:color w:val="FFFFFF"/></w:rPr>
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="1F4E79"/></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="lastRow">
    <w:rPr><w:b/></w:rPr>
    <w:tcPr><w:tcBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="1F4E79"/></w:tcBorders></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="band2Horz">
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="F4F6F8"/></w:tcPr>
  </w:tblStylePr>
</w:style>
"""
