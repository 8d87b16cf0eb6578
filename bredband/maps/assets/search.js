// One box for addresses, kommuner and areas; arrow keys, Enter and Escape.

const MOST_HITS = 8;
const FEWEST_LETTERS = 2;
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function makeSearch(app) {
  const { t } = app;
  const box = byId("search");
  if (!app.models.some(({ premises }) => premises)) box.placeholder = t("search_hint_public");
  const list = byId("hits");
  const indexes = new Map();
  let hits = [];
  let at = -1;

  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const choose = (hit) => {
    box.value = hit.label;
    close();
    hit.go();
  };
  const show = () => {
    list.replaceChildren(...hits.map((hit, k) =>
      element("li", { role: "option", id: `hit-${k}`, "aria-selected": String(k === at), onmousedown: (event) => { event.preventDefault(); choose(hit); } },
        element("span", {}, hit.label), element("small", {}, hit.kind))));
    list.hidden = hits.length === 0;
    box.setAttribute("aria-expanded", String(hits.length > 0));
    if (at >= 0) {
      box.setAttribute("aria-activedescendant", `hit-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };
  box.addEventListener("input", () => {
    if (!indexes.has(app.model)) indexes.set(app.model, searchIndex(app));
    hits = find(app, indexes.get(app.model), box.value);
    at = -1;
    show();
    const count = byId("hit-count");
    count.textContent = plain(box.value.trim()).length < FEWEST_LETTERS ? "" : hits.length ? t("search_some", { count: hits.length }) : t("search_none");
    count.className = hits.length ? "quiet" : "note"; // hits are seen, none must be said
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!hits.length) return;
      at = (at + (event.key === "ArrowDown" ? 1 : hits.length) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % hits.length;
      show();
    } else if (event.key === "Enter" && hits.length) {
      event.preventDefault();
      choose(hits[Math.max(at, 0)]);
    } else if (event.key === "Escape") close();
  });
  box.addEventListener("blur", close);
}

// Where each street begins among the premises, which are sorted by kommune and street.
function searchIndex({ model }) {
  const streets = [];
  if (model.premises) {
    const { street, kommune } = model.premises;
    for (let i = 0; i < street.length; i++) {
      if (i && street[i] === street[i - 1] && kommune[i] === kommune[i - 1]) continue;
      streets.push({ name: plain(model.meta.streets[street[i]]), street: street[i], kommune: kommune[i], first: i });
    }
  }
  return {
    streets,
    kommuner: model.kommuner.name.map(plain),
    areas: model.areas.name.map((name, i) => plain(`${name} ${model.areas.id[i]}`)),
  };
}

function find(app, index, typed) {
  const { t, model } = app;
  const wanted = plain(typed.trim());
  if (wanted.length < FEWEST_LETTERS) return [];
  const hits = [];
  index.kommuner.forEach((name, k) => {
    if (name.startsWith(wanted)) hits.push({ label: model.kommuner.name[k], kind: t(model.countyRows.includes(k) ? "kind_county" : "kind_kommune"), go: () => app.chooseKommune(k) });
  });
  const areaHits = index.areas.map((name, i) => i).filter((i) => index.areas[i].includes(wanted));
  for (const i of areaHits.slice(0, 3)) {
    hits.push({ label: model.areas.name[i], kind: `${t("kind_area")} ${model.areas.id[i]}`, go: () => app.chooseArea(i, true) });
  }
  const { names } = app.land.meta;
  names.name.forEach((name, i) => {
    if (hits.length < MOST_HITS - 2 && plain(name).startsWith(wanted)) {
      hits.push({ label: name, kind: t("kind_place"), go: () => app.showPlace(names.x[i], names.y[i]) });
    }
  });
  const [, streetName, number, letter] = wanted.match(/^(.*?)(?:\s+(\d+)\s*([a-z])?)?$/);
  const matching = [
    ...index.streets.filter(({ name }) => name.startsWith(streetName) || name.startsWith(wanted)),
    ...index.streets.filter(({ name }) => !name.startsWith(streetName) && name.includes(` ${streetName}`)),
  ];
  for (const { street, kommune, first } of matching) {
    if (hits.length >= MOST_HITS) break;
    let i = first;
    if (number) i = houseOf(model.premises, street, kommune, first, Number(number), letter);
    if (i < 0) continue;
    const label = number ? addressOf(model, i) : model.meta.streets[street];
    hits.push({ label, kind: `${t("kind_address")} · ${model.kommuner.name[kommune] ?? ""}`, go: () => app.choosePremises(i) });
  }
  return hits.slice(0, MOST_HITS);
}

function houseOf({ street, kommune, number, letter }, wantedStreet, wantedKommune, first, wanted, wantedLetter) {
  for (let i = first; street[i] === wantedStreet && kommune[i] === wantedKommune; i++) {
    const here = letter[i] ? plain(String.fromCharCode(letter[i])) : undefined;
    if (number[i] === wanted && (!wantedLetter || here === wantedLetter)) return i;
  }
  return -1;
}
