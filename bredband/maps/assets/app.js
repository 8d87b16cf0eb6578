// The page: one state, one update, and the things that change it.

let ORIGIN;
let UNIT_ZOOM;

const LAYERS = { premises: true, holiday: false, conflicts: false, routes: true, not_built: true, sites: true, signal: false, servers: false, terrain: true, names: true, online: false };

async function start(map) {
  const page = document.documentElement;
  try {
    const texts = [...document.querySelectorAll("script[data-payload]")].map((found) => found.textContent);
    const [land, ...plans] = await Promise.all(texts.map(unpack));
    ({ origin: ORIGIN, unit_zoom: UNIT_ZOOM } = land.meta);
    run(map, land, plans.map(makeModel));
    page.dataset.ready = "true";
  } catch (fault) {
    page.dataset.ready = "failed";
    const { tooOld, broken } = byId("loading").dataset;
    byId("loading").textContent = typeof DecompressionStream === "undefined" ? tooOld : broken;
    throw fault;
  }
}

function run(map, land, models) {
  const app = makeApp(map, land, models);
  makePanes(map);
  const terrain = pictureOf(map, "terrain", land.meta.terrain_box);
  const radio = ["signal", "servers"].map((name) => [name, pictureOf(map, name, land.meta.signal_box)]);
  const painted = makeLand(land, models[0]);
  const painters = {
    land: (c, v) => paintLand(c, v, painted, app.state.kommune),
    plan: (c, v) => paintPlans(c, v, app),
    names: (c, v) => {
      if (app.state.layers.sites) paintSites(c, v, land.meta.sites);
      paintNamesOf(c, v, app, land.meta);
    },
  };
  const onPaper = (c, v) => {
    if (!page().classList.contains("printing")) return painters.plan(c, v);
    paintGround(c);
    paintPicture(c, v, terrain, land.meta.terrain_box);
    for (const [, picture] of radio) paintPicture(c, v, picture, land.meta.signal_box);
    ["land", "plan", "names"].forEach((name) => painters[name](c, v));
  };
  const isBound = () => app.state.split || page().classList.contains("printing");
  const canvases = ["land", "plan", "names"].map((pane) =>
    new FollowingCanvas(pane === "plan" ? onPaper : painters[pane], { pane, padding: 0.2, isBound }));
  const online = onlineTiles(app);
  const show = (layer, wanted) => (wanted ? layer.addTo(map) : layer.remove());
  app.render = (changed, takeFocus) => {
    const { state } = app;
    showViews(app, changed);
    if (changed.has("layers")) {
      document.querySelectorAll("input[data-layer]").forEach((box) => { box.checked = state.layers[box.dataset.layer]; });
      if (terrain) show(terrain, state.layers.terrain && !state.layers.online);
      for (const [name, picture] of radio) if (picture) show(picture, state.layers[name]);
      show(online, state.layers.online);
      page().classList.toggle("online", state.layers.online);
    }
    if (changed.has("kommune") || changed.has("layers") || changed.has("model")) { canvases[0].repaint(); canvases[2].repaint(); }
    else if (changed.has("step") && app.model.countyRows.length) canvases[2].repaint();
    canvases[1].repaint();
    if (changed.has("kommune") || changed.has("model")) { showFigures(app); showKommuner(app); byId("kommune").value = state.kommune; }
    if (["kommune", "model", "split"].some((name) => changed.has(name))) showComparison(app);
    if (changed.has("model")) { byId("step").max = app.model.years.length; showAbout(app); }
    if (["model", "split", "splitAt"].some((name) => changed.has(name))) showSplit(app);
    // Side by side the plan to the left is what is looked at; the legend would lie upon it.
    if (changed.has("split")) byId("legend").open = !state.split && map.getSize().x > 700;
    if (["kommune", "step", "model"].some((name) => changed.has(name))) { showChart(app); showTimeline(app); }
    if (["area", "premises", "model"].some((name) => changed.has(name))) showCard(app, takeFocus);
    showLegend(app);
    writeFragment(app);
  };

  fitMap(app);
  makeControls(app);
  makeTimeline(app);
  makeSearch(app);
  showAbout(app);
  map.on("moveend", () => { showLegend(app); writeFragment(app); });
  const asked = location.hash;
  app.update(readFragment(app, asked), { all: true });
  // The rows about the map have their heights now, and the map its own.
  map.invalidateSize({ animate: false });
  byId("legend").open = hasRoom(app);
  fitMap(app);
  goTo(map, asked);
  canvases.forEach((canvas) => canvas.addTo(map));
  byId("loading").hidden = true;
  map.on("click", (event) => pick(app, event.latlng));
  window.addEventListener("hashchange", () => {
    const wanted = location.hash;
    app.update(readFragment(app, wanted));
    goTo(map, wanted);
  });
  preparePrint(app);
}

const page = () => document.body;

function paintNamesOf(context, view, app, { names, sites }) {
  const { state, model } = app;
  const rows = rowsFromAfar(model, view.zoom);
  if (rows) return paintRowNames(context, view, app, rows);
  paintNames(context, view, { names, sites }, model, state);
}

function makeApp(map, land, models) {
  const model = models[0];
  const app = {
    map, land, models, model,
    planNames: [...document.querySelectorAll("button[data-plan]")].map((button) => button.textContent.trim()).slice(0, models.length),
    t: speaker(model.meta.words),
    state: {
      step: model.years.length, kommune: -1, area: -1, premises: -1, colour: "year", points: "speed", view: "map", plan: 0, split: false, splitAt: 0.5,
      layers: LAYERS,
    },
    update(changes, { all = false, takeFocus = false } = {}) {
      const changed = new Set(Object.keys(changes).filter((name) => changes[name] !== app.state[name]));
      if (all) ["model", "layers", "kommune", "step", "area", "premises", "view", "split"].forEach((name) => changed.add(name));
      if (!changed.size) return;
      if (changed.has("plan")) {
        app.model = models[changes.plan];
        changed.add("model").add("area").add("premises");
        changes = { ...changes, area: changes.area ?? -1, premises: changes.premises ?? -1 };
      }
      app.state = { ...app.state, ...changes, step: Math.min(changes.step ?? app.state.step, app.model.years.length) };
      app.render(changed, takeFocus);
    },
    chooseKommune(kommune) {
      app.update({ kommune, view: "map" });
      fitMap(app);
    },
    chooseArea(area, takeFocus) {
      const outline = app.model.areaShapes.boxes[area];
      const box = app.model.areas.kind[area] === "feeder" || !isFinite(outline[0]) ? app.model.routes.boxes[area] : outline;
      app.update({ area, premises: -1, view: "map" }, { takeFocus });
      if (isFinite(box[0])) app.map.fitBounds(boundsOf(app, box), { maxZoom: 14, ...besideBoxes(app) });
    },
    showPlace(x, y) {
      app.update({ view: "map" });
      app.map.setView(latlng(app, x, y), 13);
    },
    choosePremises(premises) {
      app.update({ premises, area: -1, view: "map" }, { takeFocus: true });
      app.map.setView(latlng(app, app.model.premises.x[premises], app.model.premises.y[premises]), 15);
    },
  };
  return app;
}

// Two plans side by side need more room than one before the legend may stand beside them.
const hasRoom = ({ map, state }) => map.getSize().x > (state.split ? 1000 : 700);

// Room for the legend to the left and the card to the right, where the map is wide enough.
const besideBoxes = (app) => hasRoom(app)
  ? { paddingTopLeft: [260, 40], paddingBottomRight: [390, 40] } : { padding: [30, 30] };

const latlng = ({ map }, x, y) => map.unproject(L.point(x + ORIGIN[0], y + ORIGIN[1]), UNIT_ZOOM);
const boundsOf = (app, [west, north, east, south]) => L.latLngBounds(latlng(app, west, north), latlng(app, east, south));

function fitMap(app) {
  const boxes = app.model.borders.boxes;
  const box = app.state.kommune >= 0 ? boxes[app.state.kommune]
    : boxes.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);
  const besideLegend = hasRoom(app) ? 240 : 8;
  // A country is tall and fills a narrow page: what lies over the map is kept off it.
  const [besideButtons, aboveLegend] = app.model.countyRows.length && !hasRoom(app) ? [50, 52] : [8, 8];
  app.map.fitBounds(boundsOf(app, box), { animate: false, paddingTopLeft: [besideLegend, 8], paddingBottomRight: [besideButtons, aboveLegend] });
}

function makePanes(map) {
  for (const [name, level] of [["terrain", 150], ["signal", 240], ["servers", 241], ["land", 250], ["plan", 410], ["names", 450]]) {
    map.createPane(name).style.zIndex = level;
    map.getPane(name).style.pointerEvents = "none";
  }
}

function pictureOf(map, name, box) {
  const text = byId(name)?.textContent.trim();
  if (!text) return null;
  const corner = (x, y) => map.unproject(L.point(x, y), UNIT_ZOOM);
  return L.imageOverlay(text, L.latLngBounds(corner(box[0], box[1]), corner(box[2], box[3])), { pane: name, alt: "" });
}

// Chromium prints a canvas painted in «beforeprint» as vectors, and blanks whatever lies under
// it: on paper, one canvas carries everything.
function paintGround(context) {
  context.fillStyle = "#dfe6ea";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

function paintPicture(context, view, overlay, [west, north, east, south]) {
  const picture = overlay?.getElement();
  if (!picture || !overlay._map) return;
  view.inWorld(context);
  context.drawImage(picture, west - ORIGIN[0], north - ORIGIN[1], east - west, south - north);
}

// A country has no picture of its terrain: the counties are the ground.
function makeLand({ tables }, { borders, between, countyRows }) {
  const side = 16384; // about 4 km
  return { water: tiled(tables.water_parts, tables.water_xy, 1e9), roads: tiled(tables.road_parts, tables.road_xy, side), borders, between, ground: countyRows };
}

function onlineTiles(app) {
  const tiles = L.tileLayer("https://cache.kartverket.no/v1/wmts/1.0.0/topograatone/default/webmercator/{z}/{y}/{x}.png",
    { attribution: "© Kartverket, CC BY 4.0", maxZoom: 18, opacity: 0.85 });
  let arrived = false;
  tiles.on("tileload", () => { arrived = true; });
  tiles.on("add", () => { arrived = false; });
  tiles.on("tileerror", () => {
    if (arrived || !app.state.layers.online) return;
    // No network: back to what lies in the file, and a quiet word about it.
    app.update({ layers: { ...app.state.layers, online: false } });
    tell(app.t("online_failed"));
  });
  return tiles;
}

function lookOf(app, model) {
  return {
    step: Math.min(app.state.step, model.years.length), layers: app.state.layers, area: model === app.model ? app.state.area : -1,
    points: app.state.points, grantColours: GRANT_COLOURS,
    colourOf: areaColouring(model, app.state.colour, app.t).of, classColours: classColours(model),
    pointColours: pointColours(model, app.state.colour),
  };
}

function paintPlans(context, view, app) {
  if (!app.state.split) return paintPlan(context, view, app.model, lookOf(app, app.model));
  const at = splitInCanvas(app) * view.ratio;
  const { width, height } = context.canvas;
  [[0, at], [at, width - at]].forEach(([left, wide], k) => {
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, 0, wide, height);
    context.clip();
    paintPlan(context, view, app.models[k], lookOf(app, app.models[k]));
    context.restore();
  });
}

// The canvas is a fifth wider than the view on each side.
const splitInCanvas = ({ map, state }) => map.getSize().x * (0.2 + state.splitAt);

function showSplit(app) {
  const splitter = byId("splitter");
  if (!splitter) return;
  splitter.hidden = !app.state.split;
  splitter.style.setProperty("--at", `${100 * app.state.splitAt}%`);
  byId("split").value = 100 * app.state.splitAt;
  document.querySelectorAll("button[data-plan]").forEach((button) => {
    const wanted = app.state.split ? "split" : String(app.state.plan);
    button.setAttribute("aria-pressed", String(button.dataset.plan === wanted));
  });
}

// Side by side, what is asked of is the plan that was pointed at.
function pick(app, at) {
  if (app.state.split) app.update({ plan: app.map.latLngToContainerPoint(at).x < app.map.getSize().x * app.state.splitAt ? 0 : 1 });
  const point = app.map.project(at, UNIT_ZOOM);
  const [x, y] = [point.x - ORIGIN[0], point.y - ORIGIN[1]];
  const scale = 2 ** (app.map.getZoom() - UNIT_ZOOM);
  const odd = app.state.layers.conflicts ? conflictNear(app.model, x, y, 9 / scale) : -1;
  if (odd >= 0) return app.update({ premises: odd, area: -1 });
  const mast = mastNear(app.model, app.state.step, x, y, 10 / scale);
  if (mast >= 0) return app.update({ area: mast, premises: -1 });
  const near = app.map.getZoom() >= POINTS_FROM_ZOOM + 2 && app.state.layers.premises
    ? premisesNear(app.model, x, y, 9 / scale, app.state.layers.holiday) : -1;
  if (near >= 0) return app.update({ premises: near, area: -1 });
  const rows = rowsFromAfar(app.model, app.map.getZoom());
  if (rows) return chooseRow(app, rowAt(app.model, rows, x, y));
  const area = app.state.step > 0 || app.map.getZoom() > 9 ? areaAt(app.model, x, y) : -1;
  const wanted = area >= 0 && isShown(app, area) ? area : -1;
  app.update({ area: wanted, premises: -1 });
}

const chooseRow = (app, row) => { if (row >= 0) app.chooseKommune(row === app.state.kommune ? -1 : row); };

const isShown = ({ model, state }, area) => model.areaStep[area] < model.never || state.layers.not_built;

function makeControls(app) {
  const { t, map, model } = app;
  L.control.zoom({ zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out"), position: "topright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.attributionControl.setPrefix(false);
  [...new Set(model.meta.sources.map(({ name, licence }) => [name, licence].filter(Boolean).join(", ")))]
    .forEach((text) => map.attributionControl.addAttribution(element("span", {}, text).innerHTML));
  const byName = (rows) => [...rows].sort((a, b) => model.kommuner.name[a].localeCompare(model.kommuner.name[b], "nb"));
  const option = (row) => element("option", { value: String(row) }, model.kommuner.name[row]);
  byId("kommune").append(element("option", { value: "-1" }, t(wordForAll(model))), ...(model.countyRows.length
    ? byName(model.countyRows).map((county) =>
      element("optgroup", { label: model.kommuner.name[county] }, option(county), byName(kommunerIn(model, county)).map(option)))
    : byName(model.kommuneRows).map(option)));
  byId("kommune").closest(".field").hidden = model.kommuner.name.length === 1;
  byId("kommune").addEventListener("change", (event) => app.chooseKommune(Number(event.target.value)));
  byId("whole").addEventListener("click", () => app.chooseKommune(-1));
  byId("colour").addEventListener("change", (event) => app.update({ colour: event.target.value, step: app.state.step || model.years.length }));
  document.querySelectorAll("input[data-layer]").forEach((box) => {
    box.addEventListener("change", () => app.update({ layers: { ...app.state.layers, [box.dataset.layer]: box.checked } }));
  });
  byId("points").addEventListener("change", (event) => app.update({ points: event.target.value, step: 0 }));
  document.querySelectorAll("button[data-plan]").forEach((button) =>
    button.addEventListener("click", () => app.update(button.dataset.plan === "split"
      ? { split: true, view: "map" } : { split: false, plan: Number(button.dataset.plan) })));
  byId("split")?.addEventListener("input", (event) => app.update({ splitAt: event.target.value / 100 }));
  document.querySelectorAll("button[data-view]").forEach((button) =>
    button.addEventListener("click", () => app.update({ view: button.dataset.view })));
  if (model.cells) {
    byId("points").parentElement.hidden = true;
    document.querySelector("[data-layer=holiday]").closest("li").hidden = true;
  }
  byId("share").addEventListener("click", async () => {
    writeFragment(app);
    try {
      await navigator.clipboard.writeText(location.href);
      tell(t("shared"));
    } catch {
      window.prompt(t("share"), location.href);
    }
  });
  byId("card").addEventListener("keydown", (event) => { if (event.key === "Escape") closeCard(app); });
}

// A word that fades; a new one each time, or the second would be as faded as the first.
function tell(text) {
  const told = element("span", {}, text);
  byId("status").replaceChildren(told);
  setTimeout(() => told.remove(), 4000);
}

function showViews(app, changed) {
  const { view, colour } = app.state;
  byId("colour").value = colour;
  byId("points").value = app.state.points;
  if (!changed.has("view") && !changed.has("model")) return;
  document.querySelectorAll("button[data-view]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.view === view)));
  byId("view-map").hidden = view !== "map";
  byId("view-table").hidden = view !== "table";
  if (view === "table") showTables(app);
  else app.map.invalidateSize({ pan: false });
}

// The address of a view: #z=…&p=lat,lon&aar=…&kommune=…&omrade=…&farge=…&punkt=…&lag=…&plan=…&vis=…
// «lag» names the layers that are not as they are at first, with a dot between.
function writeFragment({ map, model, state }) {
  const centre = map.getCenter();
  const parts = {
    z: String(map.getZoom()), p: `${centre.lat.toFixed(5)},${centre.lng.toFixed(5)}`,
    aar: state.step ? String(model.years[state.step - 1]) : "0",
    kommune: state.kommune >= 0 ? model.kommuner.code[state.kommune] : "",
    omrade: state.area >= 0 ? model.areas.id[state.area] : "",
    farge: state.colour === "year" ? "" : state.colour, punkt: state.points === "speed" ? "" : state.points, lag: Object.keys(LAYERS).filter((name) => name !== "online" && state.layers[name] !== LAYERS[name]).join("."),
    plan: state.split ? "delt" : state.plan ? String(state.plan + 1) : "", vis: state.view === "map" ? "" : state.view,
  };
  const text = Object.entries(parts).filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  history.replaceState(null, "", `#${text}`);
}

function goTo(map, fragment) {
  const parts = new URLSearchParams(fragment.slice(1));
  const [lat, lon] = (parts.get("p") ?? "").split(",").map(Number);
  const zoom = Number(parts.get("z"));
  if (parts.has("p") && isFinite(lat) && isFinite(lon) && zoom > 0) map.setView([lat, lon], zoom, { animate: false });
}

// A link from another edition of the map may ask for a layer that this one lacks.
const isOffered = (layer) => layer !== "online" && document.querySelector(`[data-layer=${layer}]`) !== null;

function readFragment({ models }, fragment) {
  const parts = new URLSearchParams(fragment.slice(1));
  const changes = { plan: parts.get("plan") === "2" && models[1] ? 1 : 0, split: parts.get("plan") === "delt" && models.length > 1 };
  const model = models[changes.plan];
  if (parts.has("aar")) changes.step = Math.max(0, model.years.indexOf(Number(parts.get("aar"))) + 1);
  changes.kommune = model.kommuner.code.indexOf(parts.get("kommune"));
  changes.area = model.areas.id.indexOf(parts.get("omrade"));
  changes.colour = ["money", "technology"].includes(parts.get("farge")) ? parts.get("farge") : "year";
  changes.points = parts.get("punkt") === "grant" && model.premises ? "grant" : "speed";
  const turned = (parts.get("lag") ?? "").split(".");
  changes.layers = Object.fromEntries(Object.entries(LAYERS).map(([name, shown]) => [name, turned.includes(name) && isOffered(name) ? !shown : shown]));
  changes.view = parts.get("vis") === "table" ? "table" : "map";
  return changes;
}

// Paper: the map is laid out at the size of the sheet before the picture is taken.
function preparePrint(app) {
  const { map } = app;
  const rule = document.head.appendChild(element("style"));
  const lay = (sheet) => { rule.textContent = `@page { size: ${sheet} landscape; margin: 9mm; }`; };
  let before;
  lay("A4");
  for (const sheet of ["A4", "A3"]) {
    byId(`print-${sheet.toLowerCase()}`).addEventListener("click", () => {
      lay(sheet);
      document.body.dataset.sheet = sheet;
      window.print();
    });
  }
  window.addEventListener("beforeprint", () => {
    if (before) return;
    before = { centre: map.getCenter(), zoom: map.getZoom(), bounds: map.getBounds(), legend: byId("legend").open };
    document.body.classList.add("printing");
    byId("legend").open = true;
    showPrintTables(app);
    if (app.state.view !== "map") return;
    map.invalidateSize({ pan: false, animate: false });
    map.fitBounds(before.bounds, { animate: false });
  });
  window.addEventListener("afterprint", () => {
    if (!before) return;
    document.body.classList.remove("printing");
    delete document.body.dataset.sheet;
    lay("A4");
    byId("legend").open = before.legend;
    if (app.state.view === "map") {
      map.invalidateSize({ pan: false, animate: false });
      map.setView(before.centre, before.zoom, { animate: false });
    }
    before = undefined;
  });
}
