// The same content as tables, and as CSV that a spreadsheet opens without running anything.

const MOST_ROWS = 500;
const FILE_NAMES = { years: "aar", counties: "fylker", kommuner: "kommuner", areas: "omrader", conflicts: "motstrid" };

function showTables(app) {
  byId("tables").replaceChildren(
    element("p", { class: "note" }, app.t("table_note")), ...sheets(app).map((sheet) => tableOf(app, sheet)));
}

// On paper the map has the two shortest tables behind it; whoever looks at the tables gets them all, but
// what single homes have answered, which is for the county's own telephones.
function showPrintTables(app) {
  const shown = app.state.view === "map" ? sheets(app).slice(0, 2) : sheets(app).filter(({ id }) => id !== "conflicts");
  byId("print-tables").replaceChildren(...shown.map((sheet) => tableOf(app, sheet)));
}

// A sheet: {id, caption, columns: [{name, kind}], rows: [[value …]], go: [function …]}
function sheets({ t, model, chooseArea, choosePremises }) {
  const { by_year: years, kpis } = model.meta;
  const { kommuner, areas, kommuneRows, countyRows } = model;
  const column = (key, kind = "int") => ({ name: t(key), kind });
  const placesSheet = (id, places) => ({
    id, caption: t(`table_${id}`),
    columns: [column(id === "counties" ? "column_county" : "column_kommune", "text"), column("column_households"), column("column_served_before", "share"), column("column_served_after", "share"), column("column_gained"), column("column_lacking"), column("column_grant"), column("column_capex")],
    rows: places.map((k) => {
      const [before, after] = [kommuner.served[k][0], kommuner.served[k].at(-1)];
      const grant = kommuner.grant_nok[k].reduce((sum, nok) => sum + nok, 0);
      return [kommuner.name[k], kommuner.households[k], before / kommuner.households[k], after / kommuner.households[k], after - before, kommuner.households[k] - after, grant, kommuner.capex_nok[k]];
    }),
  });
  const county = figures(model, -1);
  const order = areas.id.map((_, i) => i).sort((a, b) =>
    model.areaStep[a] - model.areaStep[b] || areas.grant_nok[a] / areas.households[a] - areas.grant_nok[b] / areas.households[b]);
  return [
    {
      id: "years", caption: t("table_years"),
      columns: [column("column_year", "text"), column("column_areas"), column("column_gained"), column("column_served", "share"), column("column_grant"), column("column_budget"), column("column_capex")],
      rows: [
        [t("today"), NaN, NaN, county.served[0] / county.households, NaN, NaN, NaN],
        ...model.years.map((year, k) => [String(year), years.areas[k], years.households[k], years.served_share[k], years.grant_nok[k], years.budget_nok[k], years.capex_nok[k]]),
        [t("total"), kpis.areas_built, kpis.gained_households, kpis.served_after_share, kpis.grant_nok, kpis.budget_nok, kpis.capex_nok],
      ],
      hasTotal: true,
    },
    ...(countyRows.length ? [placesSheet("counties", countyRows)] : []),
    placesSheet("kommuner", kommuneRows),
    {
      id: "areas", caption: t("table_areas"),
      columns: [column("column_year", "text"), column("column_name", "text"), column("column_id", "text"), column("column_kommune", "text"), column("column_kind", "text"), column("column_technology", "text"), column("column_households"), column("column_grant"), column("column_per_household"), column("column_capex")],
      rows: order.map((i) => [
        areas.year[i] ? String(areas.year[i]) : t("card_not_built"), areas.name[i], areas.id[i], kommuner.name[areas.kommune[i]] ?? "",
        t(`card_${areas.kind[i]}`), t(areas.technology[i]), areas.households[i], areas.grant_nok[i],
        areas.households[i] ? areas.grant_nok[i] / areas.households[i] : NaN, areas.capex_nok[i]]),
      go: order.map((i) => () => chooseArea(i, true)),
    },
    ...conflictSheet({ t, model, choosePremises }, column),
  ];
}

function conflictSheet({ t, model, choosePremises }, column) {
  const { conflicts, premises, kommuner, meta } = model;
  const members = Array.from(conflicts.premises);
  if (!members.length) return [];
  return [{
    id: "conflicts", caption: t("table_conflicts"),
    columns: [column("column_address", "text"), column("column_kommune", "text"), column("column_households"), column("column_probability", "share"), column("column_conflict", "text")],
    rows: members.map((i, k) => [addressOf(model, i), kommuner.name[premises.kommune[i]] ?? "", premises.households[i], conflicts.percent[k] / 100, meta.conflicts[k]]),
    go: members.map((i) => () => choosePremises(i)),
  }];
}

function tableOf({ t }, { id, caption, columns, rows, go, hasTotal }) {
  const write = { text: (value) => value, int: t.int, share: t.share };
  const shown = rows.slice(0, MOST_ROWS);
  const body = shown.map((row, r) => element("tr", { class: hasTotal && r === rows.length - 1 ? "total" : undefined },
    row.map((value, c) => {
      const { kind } = columns[c];
      const text = write[kind](value);
      if (c === 0) return element("th", { scope: "row" }, text);
      return element("td", { class: kind === "text" ? undefined : "number" }, text);
    }),
    go ? element("td", { class: "go" }, element("button", { type: "button", class: "link", "aria-label": `${t("show_in_map")}: ${row[id === "areas" ? 1 : 0]}`, onclick: go[r] }, t("show_in_map"))) : null));
  const heading = `table-${id}`;
  return element("section", { class: "sheet", "aria-labelledby": heading },
    element("div", { class: "sheet-top" }, element("h2", { id: heading }, caption),
      element("button", { type: "button", class: "plain", onclick: () => download(`${FILE_NAMES[id]}.csv`, csvOf(columns, rows)) }, t("csv"))),
    rows.length > shown.length ? element("p", { class: "note" }, t("first_rows", { shown: t.int(shown.length), count: t.int(rows.length) })) : null,
    element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
      element("table", {},
        element("thead", {}, element("tr", {}, columns.map(({ name, kind }) =>
          element("th", { scope: "col", class: kind === "text" ? undefined : "number" }, name)), go ? element("th", { scope: "col", class: "go" }, t("column_map")) : null)),
        element("tbody", {}, body))));
}

// Semicolons and decimal comma; a text that a spreadsheet would run gets a quote before it (as inert.py).
function csvOf(columns, rows) {
  const text = (value) => `"${(/^\s*[=+\-@＝＋－＠]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  const cell = (value, { kind }) => kind === "text" ? text(value)
    : !isFinite(value) ? "" : kind === "int" ? String(Math.round(value)) : value.toFixed(4).replace(".", ",");
  const lines = [columns.map(({ name }) => text(name)), ...rows.map((row) => row.map((value, c) => cell(value, columns[c])))];
  return "\ufeff" + lines.map((line) => line.join(";")).join("\r\n") + "\r\n";
}

function download(name, content) {
  const address = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
