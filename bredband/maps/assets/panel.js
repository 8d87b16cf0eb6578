// The panel beside the map: headline figures, chart, kommuner, legend and the card.

function showFigures(app) {
  const { t, model, state } = app;
  const { households, served, grant } = figures(model, state.kommune);
  const last = served.length - 1;
  const gained = served[last] - served[0];
  const money = grant.reduce((sum, nok) => sum + nok, 0);
  const fact = (label, value, note) =>
    element("div", { class: "fact" }, element("dt", {}, label), element("dd", {}, value, note ? element("small", {}, note) : null));
  byId("figures").replaceChildren(
    element("div", { class: "leads" },
      element("strong", {}, t.int(households - served[0])),
      element("span", {}, lackToday(t, model, households - served[0])),
      element("strong", {}, t.int(households - served[last])),
      element("span", {}, t("headline_after"))),
    element("dl", { class: "facts" },
      fact(t("headline_served"), `${t.share(served[0] / households)} → ${t.share(served[last] / households)}`),
      fact(t("headline_money"), t.mnok(money),
        t(model.meta.years.length === 1 ? "headline_year" : "headline_years", { count: model.meta.years.length, first: model.meta.years[0], last: model.meta.years.at(-1) })),
      fact(t("headline_homes"), t.int(gained)),
      fact(t("headline_per_home"), gained ? t.nok(money / gained) : "–")),
    proofLine(app));
}

const lackToday = (t, { meta }, count) =>
  t(count === 1 ? "headline_lacking_one" : "headline_lacking", { speed: t.mbps(meta.target_mbps) });

function proofLine({ t, model }) {
  const gap = model.meta.proofs.find((proof) => proof.kind === "rollout")?.gap_share;
  if (gap === undefined || gap === null) return element("p", { class: "proof" }, t("gap_unknown"));
  return element("p", { class: "proof" },
    element("strong", {}, gap > 0 ? t("headline_gap", { share: t.bound(gap, gap < 0.001 ? 2 : 1) }) : t("headline_best")), ". ",
    t(gap > 0 ? "headline_gap_note" : model.countyRows.length ? "headline_most_note" : "headline_best_note"));
}

// Share served today and after every year, as columns; the chosen step is dark.
function showChart(app) {
  const { t, model, state } = app;
  const { households, served } = figures(model, state.kommune);
  const shares = served.map((count) => count / Math.max(households, 1));
  const [width, height, top, bottom] = [328, 124, 18, 20];
  const slot = width / shares.length;
  const y = (share) => top + (height - top - bottom) * (1 - share);
  const all = model.kommuner.name;
  const name = state.kommune >= 0 ? all[state.kommune] : all.length === 1 ? all[0] : t(wordForAll(model));
  const text = t("chart_text", { name, before: t.share(shares[0]), after: t.share(shares.at(-1)), year: model.years.at(-1) });
  const colours = [SERVED_TODAY, ...yearColours(model)];
  const bars = shares.flatMap((share, k) => {
    const middle = slot * (k + 0.5);
    const wide = Math.min(slot * 0.62, 34);
    const rect = (from, to, more) => drawn("rect", { x: middle - wide / 2, width: wide, y: y(to), height: Math.max(y(from) - y(to), 0), ...more });
    return [
      rect(share, 1, { class: "rest" }),
      rect(0, share, { fill: colours[k], class: k === state.step ? "bar chosen" : "bar" }),
      k === 0 || k === shares.length - 1 || k === state.step
        ? drawn("text", { x: middle, y: y(1) - 5, class: "value" }, t.decimal(100 * share, shares.length > 7 ? 0 : 1))
        : null,
      drawn("text", { x: middle, y: height - 5, class: "tick" }, k === 0 ? t("today") : shares.length > 8 ? `’${String(model.years[k - 1]).slice(2)}` : String(model.years[k - 1])),
    ];
  });
  byId("chart").replaceChildren(
    drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text },
      drawn("line", { x1: 0, x2: width, y1: height - bottom, y2: height - bottom, class: "axis" }),
      ...bars.filter(Boolean)),
    element("p", { class: "note" }, text));
}

// Every kommune from today to after the plan, the lowest coverage first; click to choose. On the map
// of a country every county, and the kommuner of the one that is chosen.
function showKommuner(app) {
  const { t, model, state } = app;
  const { name, households, served } = model.kommuner;
  const county = countyOf(model, state.kommune);
  const isCountry = model.countyRows.length && county < 0;
  const shown = isCountry ? model.countyRows : county < 0 ? model.kommuneRows : kommunerIn(model, county);
  byId("places-title").textContent = t(isCountry ? "counties_title" : "kommuner_title");
  const order = shown.filter((k) => households[k] > 0)
    .sort((a, b) => served[a][0] / households[a] - served[b][0] / households[b]);
  const floor = Math.floor(10 * Math.min(0.9, ...order.map((k) => served[k][0] / households[k]))) / 10;
  const x = (share) => 6 + (138 * (share - floor)) / (1 - floor);
  const list = byId("kommuner");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.row : undefined;
  list.replaceChildren(...order.map((k) => {
    const before = served[k][0] / households[k];
    const after = served[k].at(-1) / households[k];
    const line = drawn("svg", { viewBox: "0 0 150 16", "aria-hidden": "true" },
      drawn("line", { x1: 6, x2: 144, y1: 8, y2: 8, class: "rail" }),
      drawn("line", { x1: x(before), x2: x(after), y1: 8, y2: 8, class: "gain" }),
      drawn("circle", { cx: x(before), cy: 8, r: 4, class: "before" }),
      drawn("circle", { cx: x(after), cy: 8, r: 4.5, class: "after" }));
    return element("li", {},
      element("button", { type: "button", "data-row": String(k), "aria-pressed": String(state.kommune === k), onclick: () => app.chooseKommune(state.kommune === k ? county === k ? -1 : county : k) },
        element("span", { class: "name", title: name[k] }, shortName(name[k])), line,
        element("span", { class: "shares" }, `${t.whole(before)} → ${t.whole(after)}`)));
  }));
  // The list is made anew; whoever walks it by keyboard stays in it.
  if (focused) (list.querySelector(`[data-row="${focused}"]`) ?? list.querySelector("button"))?.focus({ preventScroll: true });
}

function showLegend(app) {
  const { t, model, state } = app;
  const fromAfar = rowsFromAfar(model, app.map.getZoom());
  const group = (title, entries, note, columns = "") =>
    element("div", { class: "legend-group" }, element("h3", {}, title),
      element("ul", { class: columns }, entries.map(({ swatch, label }) => element("li", {}, swatch, element("span", {}, label)))),
      note ? element("p", { class: "note" }, note) : null);
  if (fromAfar) {
    const year = state.step ? String(model.years[state.step - 1]) : t("today");
    return byId("legend-body").replaceChildren(group(`${t("legend_share")}, ${year}`, shareEntries(t, "area"),
      t(fromAfar === model.countyRows ? "legend_counties_note" : "legend_kommuner_note")));
  }
  const groups = [];
  const note = t(model.cells ? "legend_cells_note" : "legend_share_note");
  const summed = Boolean(model.cells) || app.map.getZoom() < POINTS_FROM_ZOOM;
  if (state.step > 0) {
    const { title, entries } = areaColouring(model, state.colour, t);
    const built = entries.map(({ colour, label, hatch }) => ({ swatch: swatch("area", colour, hatch), label }));
    groups.push(group(title, built, undefined, state.colour === "year" ? "two" : ""));
    groups.at(-1).append(element("ul", {}, [["later", "later"], ...(state.layers.not_built ? [["unbuilt", "not_built"]] : [])]
      .map(([kind, key]) => element("li", {}, swatch(kind), element("span", {}, t(key))))));
  }
  if (state.layers.premises && summed && state.step === 0) {
    groups.push(group(t("legend_share"), shareEntries(t, "point"), note));
  } else if (state.layers.premises && state.step === 0 && state.points === "grant") {
    groups.push(group(t("legend_grant"), ["grant_yes", "grant_planned", "grant_no"].map((key, k) => ({ swatch: swatch("point", GRANT_COLOURS[k]), label: t(key) }))));
  } else if (state.layers.premises && state.step === 0) {
    const labels = classLabels(t, model.meta.class_mbps, t.mbps);
    groups.push(group(t("legend_today"), [
      ...classColours(model).map((colour, k) => ({ swatch: swatch("point", colour), label: labels[k] })).reverse(),
      { swatch: swatch("ring", NOT_BUILT), label: t("class_unknown") }]));
  } else if (state.layers.premises) {
    groups.push(group(t("layer_premises"), [
      { swatch: swatch("point", SERVED_TODAY), label: t("served_today") },
      { swatch: swatch(summed ? "point" : "diamond", pointColours(model, state.colour)[state.step - 1]), label: t("served_by_plan") },
      { swatch: swatch("ring", INK), label: t("lacking") }], summed ? note : undefined));
  }
  if (state.layers.conflicts) {
    groups.push(group(t("layer_conflicts"), [{ swatch: swatch("cross", CONFLICT), label: t("card_conflict") }], t("legend_conflicts_note")));
  }
  if (state.layers.routes && state.step > 0) {
    groups.push(group(t("layer_routes"), [
      { swatch: swatch("line", viridis(0.3)), label: t("trench") },
      { swatch: swatch("line", INK), label: t("card_feeder") },
      { swatch: swatch("dash", viridis(0.3)), label: t("trench_sea") },
      ...(model.routes.hasPoles ? [{ swatch: swatch("dots", viridis(0.3)), label: t("on_poles") }] : [])]));
  }
  const { signal_limits_dbm: limits, signal_colours: colours } = app.land.meta;
  if (state.layers.signal) {
    groups.push(group(t("legend_signal"), limits.map((low, k) => ({
      swatch: swatch("area", colours[k]),
      label: k + 1 < limits.length ? `${t.int(low)} … ${t.int(limits[k + 1])} dBm` : `≥ ${t.int(low)} dBm`,
    })).reverse(), t("legend_signal_note")));
  }
  if (state.layers.servers) groups.push(group(t("legend_servers"), [], t("legend_servers_note")));
  const kinds = state.layers.sites ? [...new Set(app.land.meta.sites.kind)].sort() : [];
  const others = kinds.map((kind) => ({ swatch: siteSwatch(SITE_SHAPES[kind]), label: t(`site_${kind}`) }));
  if (mastsBuilt(model, state.step).length) others.push({ swatch: siteSwatch({ d: MAST_SHAPE, fill: viridis(0.7) }), label: t("mast_built") });
  if (others.length) groups.push(group(t("legend_other"), others));
  byId("legend-body").replaceChildren(...groups);
}

function shareEntries(t, kind) {
  const labels = classLabels(t, SHARE_LIMITS.map((limit) => 100 * limit), (percent) => t.share(percent / 100, 0));
  return SHARE_COLOURS.map((colour, k) => ({ swatch: swatch(kind, colour), label: labels[k] }));
}

function siteSwatch({ d, fill }) {
  return drawn("svg", { viewBox: "-11 -8 22 16", class: "swatch", "aria-hidden": "true" },
    drawn("path", { d, fill, stroke: INK, "stroke-width": 1.6 }));
}

// The figures of two plans side by side; the one on the map is shaded.
function showComparison(app) {
  const place = byId("comparison");
  if (!place) return;
  const { t, state } = app;
  const columns = app.models.map((model) => {
    const { households, served, grant } = figures(model, state.kommune);
    const money = grant.reduce((sum, nok) => sum + nok, 0);
    const gained = served.at(-1) - served[0];
    return [t.int(households - served.at(-1)), t.share(served.at(-1) / households), t.int(gained), t.mnok(money), gained ? t.nok(money / gained) : "–",
      t.int(model.meta.kpis.areas_built), t.decimal(model.meta.kpis.trench_km, 0), String(model.meta.years.at(-1))];
  });
  const county = state.kommune < 0;
  const labels = ["column_lacking", "column_served_after", "column_gained", "headline_money", "headline_per_home", "compare_built", "compare_trench", "column_last_year"];
  const rows = labels.map((label, k) => [label, k]).filter(([, k]) => county || (k !== 5 && k !== 6));
  const shade = (k) => (state.split || app.model !== app.models[k] ? "number" : "number now");
  place.replaceChildren(element("table", {},
    element("thead", {}, element("tr", {}, element("td", {}), app.planNames.map((name, k) => element("th", { scope: "col", class: shade(k) }, name)))),
    element("tbody", {}, rows.map(([label, row]) => element("tr", {}, element("th", { scope: "row" }, t(label)),
      columns.map((column, k) => element("td", { class: shade(k) }, column[row])))))));
}

function swatch(kind, colour = INK, hatch = false) {
  const svg = drawn("svg", { viewBox: "0 0 22 14", class: "swatch", "aria-hidden": "true" });
  const outline = { stroke: "rgb(24 34 44 / 65%)", "stroke-width": 0.9 };
  const add = (name, attributes) => svg.append(drawn(name, attributes));
  if (kind === "area") {
    add("rect", { x: 1, y: 1, width: 20, height: 12, rx: 2.5, fill: colour, ...outline });
    if (hatch) for (const x of [4, 10, 16]) add("line", { x1: x, y1: 12, x2: x + 5, y2: 2, stroke: INK, "stroke-width": 1 });
  } else if (kind === "later") {
    add("rect", { x: 1, y: 1, width: 20, height: 12, rx: 2.5, fill: "#fff", stroke: INK, "stroke-dasharray": "4 2.5" });
  } else if (kind === "unbuilt") {
    add("rect", { x: 1, y: 1, width: 20, height: 12, rx: 2.5, fill: "#eef0f1", stroke: NOT_BUILT, "stroke-dasharray": "1.5 2" });
    for (const x of [4, 10, 16]) add("line", { x1: x, y1: 12, x2: x + 5, y2: 2, stroke: NOT_BUILT, "stroke-width": 0.9 });
  } else if (kind === "point") {
    add("circle", { cx: 11, cy: 7, r: 5, fill: colour, ...outline });
  } else if (kind === "diamond") {
    add("path", { d: "M11 1 17 7 11 13 5 7Z", fill: colour, ...outline });
  } else if (kind === "cross") {
    add("path", { d: "M7 3 15 11M7 11 15 3", stroke: colour, "stroke-width": 2.4, "stroke-linecap": "round" });
  } else if (kind === "ring") {
    add("circle", { cx: 11, cy: 7, r: 4.4, fill: "#fff", stroke: colour, "stroke-width": 2.2 });
  } else {
    add("line", { x1: 1, y1: 7, x2: 21, y2: 7, stroke: colour, "stroke-width": 3, "stroke-dasharray": { dash: "5 3", dots: "1.5 2.5" }[kind] });
  }
  return svg;
}

// The card of an area or an address; focus moves there only when the keyboard asked.
function showCard(app, takeFocus = false) {
  const { state, model } = app;
  const card = byId("card");
  const found = state.premises >= 0 ? premisesCard(app, state.premises) : state.area >= 0 ? areaCard(app, state.area) : null;
  card.hidden = !found;
  if (!found) return;
  const { kicker, title, colour, facts, after } = found;
  card.replaceChildren(
    element("button", { type: "button", class: "close", "aria-label": app.t("close"), onclick: () => closeCard(app) }, "×"),
    element("p", { class: "kicker" }, colour ? swatch("area", colour) : null, kicker),
    element("h2", { tabindex: "-1" }, title),
    element("dl", { class: "facts card-facts" }, facts.map(([label, value]) =>
      element("div", { class: "fact" }, element("dt", {}, label), element("dd", {}, value)))),
    ...after);
  card.scrollTop = 0;
  if (takeFocus) card.querySelector("h2").focus({ preventScroll: true });
}

// Focus goes back to the map, or the keyboard would be nowhere.
function closeCard(app) {
  app.update({ area: -1, premises: -1 });
  app.map.getContainer().focus({ preventScroll: true });
}

// What stands over the name of an area or an address; with two plans, which of them it is told of.
const kickerOf = ({ models, planNames, state }, ...parts) =>
  [...parts, models.length > 1 ? planNames[state.plan] : ""].filter(Boolean).join(" · ");

function areaCard(app, i) {
  const { t, model } = app;
  const { areas, kommuner } = model;
  const kind = areas.kind[i];
  const built = model.areaStep[i] < model.never;
  const homes = areas.households[i];
  const why = areas.why[i].map(([key, figures]) => t(key, figuresInWords(figures, t, areas)));
  const facts = [
    [t("card_build_year"), built ? String(areas.year[i]) : t("card_not_built")],
    ...(kind !== "area" ? [] : [[t("card_households"), t.int(homes)], [t("card_premises"), t.int(areas.premises[i])]]),
    [t("card_technology"), t(areas.technology[i])],
    ...(areas.fibre_year[i] ? [[t("card_upgrade"), t("card_upgrade_in", { year: areas.fibre_year[i], grant: t.money(areas.fibre_grant_nok[i]) })]] : []),
    ...(kind === "mast" ? [] : [[t("card_trench"), t("unit_km", { number: t.decimal(areas.trench_m[i] / 1000) })]]),
    [t("card_capex"), t.money(areas.capex_nok[i])],
    [t("card_operator"), t.money(areas.operator_nok[i])],
    ...(areas.local_nok[i] ? [[t("card_local"), t.money(areas.local_nok[i])]] : []),
    [t("card_grant"), t.money(areas.grant_nok[i])],
    ...(homes ? [[t("card_per_household"), t.nok(areas.grant_nok[i] / homes)]] : []),
  ];
  return {
    kicker: kickerOf(app, `${t(`card_${kind}`)} ${areas.id[i]}`, kommuner.name[areas.kommune[i]]),
    title: areas.name[i],
    colour: built ? areaColouring(model, "year", t).of(i) : null,
    facts,
    after: why.length ? [element("h3", {}, built ? t("card_why", { year: areas.year[i] }) : t("card_why_not")), element("ul", { class: "why" }, why.map((line) => element("li", {}, line)))] : [],
  };
}

function figuresInWords(figures, t, areas) {
  const written = Object.entries(figures).map(([name, value]) => [name,
    name.endsWith("_nok") ? t.money(value) : name === "feeder" ? areas.name[value] : String(value)]);
  return Object.fromEntries(written);
}

function premisesCard(app, i) {
  const { t, model } = app;
  const { premises, meta, kommuner } = model;
  const speedClass = premises.speed_class[i];
  const area = premises.area[i];
  const offer = classLabels(t, meta.class_mbps, t.mbps)[speedClass] ?? t("class_unknown");
  const step = model.premisesStep[i];
  const status = step === 0 ? t("status_served")
    : step < model.never ? t("status_built", { year: model.years[step - 1] })
      : area === NO_AREA ? t("status_not_reached") : t("status_not_built");
  const reason = meta.reasons[premises.reason[i]];
  const conflict = model.conflictOf.get(i);
  return {
    kicker: kickerOf(app, t("card_address"), kommuner.name[premises.kommune[i]]),
    title: addressOf(model, i),
    facts: [
      [t("card_today"), offer],
      [t("card_status"), status],
      [t("card_grant_class"), t(["grant_yes", "grant_planned", "grant_no"][premises.grant[i]])],
      [t("card_households"), t.int(premises.households[i])],
    ],
    after: [
      reason ? element("p", { class: "note" }, reason) : null,
      ...(conflict === undefined ? [] : [element("h3", {}, t("card_conflict")), element("p", {}, meta.conflicts[conflict])]),
      area === NO_AREA ? null : element("button", { type: "button", class: "link", onclick: () => app.chooseArea(area, true) },
        `${t("card_to_area")}: ${model.areas.name[area]}`),
    ].filter(Boolean),
  };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function showAbout({ t, model }) {
  const { meta } = model;
  const paragraph = (text) => element("p", {}, text);
  byId("about").replaceChildren(...[
    meta.description ? paragraph(meta.description) : null,
    paragraph(t("about_served", { speed: t.mbps(meta.target_mbps) })),
    paragraph(t("about_money", { year: meta.price_year })),
    ...meta.proofs.map((proof) => paragraph(t(
      proof.gap_share === null ? "about_proof_open" : proof.gap_share > 0 ? "about_proof" : "about_proof_best",
      { ...proof, what: capital(proof.what), share: t.bound(proof.gap_share ?? NaN) }))),
    paragraph(t(model.cells ? "about_public" : "about_privacy", meta)),
    meta.conflicts.length ? paragraph(t("about_conflicts")) : null,
    paragraph(t("about_offline")),
    meta.sources.length ? element("h3", {}, t("about_sources")) : null,
    meta.sources.length ? element("ul", {}, meta.sources.map(({ name, licence, date }) =>
      element("li", {}, [name, licence, date].filter(Boolean).join(", ")))) : null,
  ].filter(Boolean));
}
