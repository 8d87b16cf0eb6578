// Words and numbers as Norwegians write them, and elements whose text is only ever text.

function speaker(words) {
  const t = (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  t.int = (value) => (isFinite(value) ? grouped(String(Math.round(value))).replace("-", "−") : "–");
  t.decimal = (value, decimals = 1) => {
    if (!isFinite(value)) return "–";
    const [whole, part] = value.toFixed(decimals).split(".");
    return grouped(whole).replace("-", "−") + (part ? `,${part}` : "");
  };
  t.share = (share, decimals = 1) => (isFinite(share) ? `${t.decimal(100 * share, decimals)}\u00a0%` : "–");
  // What nothing can exceed is rounded up: «høyst 0,09 %» must hold.
  t.bound = (share, decimals = 2) => {
    const whole = 10 ** (decimals + 2);
    return t.share(Math.ceil(Number((share * whole).toFixed(6))) / whole, decimals);
  };
  // Whole per cent, rounded down: what is not all is never said to be all.
  t.whole = (share) => t.share(Math.floor(100 * share + 1e-9) / 100, 0);
  t.nok = (nok) => t("unit_nok", { number: t.int(nok) });
  t.mnok = (nok) => t("unit_mnok", { number: t.decimal(nok / 1e6) });
  // A sum as people say it: millions, or whole kroner where a million is too coarse.
  t.money = (nok) => (Math.abs(nok) < 1e6 ? t.nok(nok) : t.mnok(nok));
  t.mbps = (speed) => t("unit_mbps", { number: t.int(speed) });
  return t;
}

// element("td", {class: "number"}, "12", otherElement): text goes in as text, never as markup.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  return dress(made, attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function dress(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return made;
}

const byId = (id) => document.getElementById(id);
