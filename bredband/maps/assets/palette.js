// Colours that survive colour blindness, greyscale and a weak projector: viridis, never red
// against green; whatever a colour says, a shape, a dash or a hatch says too.

const VIRIDIS = ["#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884",
  "#44bf70", "#7ad151", "#bddf26", "#fde725"].map((hex) =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

const INK = "#18222c";
const SERVED_TODAY = "#7f97a3";
const NOT_BUILT = "#5d6a75";
const CONFLICT = "#b3003c";
const PLAN_BLUE = "#1f5f7f";

function viridis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const mix = VIRIDIS[low].map((v, k) => Math.round(v + (VIRIDIS[low + 1][k] - v) * (at - low)));
  return `rgb(${mix.join(" ")})`;
}

const spread = (count, from = 0.05, to = 0.95) =>
  Array.from({ length: count }, (_, i) => viridis(from + ((to - from) * i) / Math.max(count - 1, 1)));

const SHARE_LIMITS = [0.5, 0.7, 0.8, 0.9, 0.97];
const SHARE_COLOURS = spread(SHARE_LIMITS.length + 1, 0, 1);
const shareColour = (share) => SHARE_COLOURS[SHARE_LIMITS.filter((limit) => share >= limit).length];

const classColours = (model) => spread(model.meta.class_mbps.length + 1, 0, 1);
const GRANT_COLOURS = [viridis(0.02), viridis(0.55), viridis(1)];
const yearColours = (model) => spread(model.years.length, 0.06, 0.94);

// Addresses that the plan serves: by year, or all alike where areas are coloured by other things.
const pointColours = (model, by) =>
  by === "year" ? yearColours(model) : model.years.map(() => PLAN_BLUE);

const TECHNOLOGY_COLOURS = {
  fibre: viridis(0.42), cable: viridis(0.05), fwa: viridis(0.88), hybrid: viridis(0.66), dsl: viridis(0.2),
  mobile: viridis(0.7), satellite: viridis(1), other: NOT_BUILT,
};

// Limits for grant per household: fifths of the areas, rounded to two figures.
function moneyLimits(model) {
  const { grant_nok: grant, households } = model.areas;
  const per = grant.map((g, i) => g / households[i]).filter((v) => isFinite(v)).sort((a, b) => a - b);
  const limits = [0.2, 0.4, 0.6, 0.8].map((share) => {
    const value = per[Math.floor(share * (per.length - 1))] || 0;
    const unit = 10 ** Math.max(Math.floor(Math.log10(Math.max(value, 1))) - 1, 0);
    return Math.round(value / unit) * unit;
  });
  return [...new Set(limits)].filter((limit) => limit > 0);
}

// «Under 10 kr», «10–20 kr», «20 kr eller mer»: a class more than there are limits.
const classLabels = (t, limits, write) => [0, ...limits].map((low, k) =>
  k === 0 ? t("class_below", { speed: write(limits[0]) }) : k === limits.length ? t("class_above", { speed: write(low) })
    : t("class_between", { low: t.int(low), high: write(limits[k]) }));

// How each area is coloured, and the legend that explains it.
function areaColouring(model, by, t) {
  const { areas } = model;
  if (by === "money") {
    const limits = moneyLimits(model);
    const colours = spread(limits.length + 1, 0.95, 0.05);
    const of = (i) => colours[limits.filter((limit) => areas.grant_nok[i] / areas.households[i] >= limit).length];
    const entries = limits.length ? classLabels(t, limits, t.nok).map((label, k) => ({ colour: colours[k], label })) : [];
    if (areas.households.some(isNaN)) entries.push({ colour: NOT_BUILT, label: t("class_unknown") });
    return { title: t("legend_money"), entries, of: (i) => (areas.households[i] ? of(i) : NOT_BUILT) };
  }
  if (by === "technology") {
    const used = [...new Set(areas.technology)].sort();
    const entries = used.map((name) =>
      ({ colour: TECHNOLOGY_COLOURS[name], label: t(name), hatch: name !== "fibre" }));
    return { title: t("legend_technology"), entries, of: (i) => TECHNOLOGY_COLOURS[areas.technology[i]] };
  }
  const colours = yearColours(model);
  const entries = model.years.map((year, k) => ({ colour: colours[k], label: String(year) }));
  return { title: t("legend_year"), entries, of: (i) => colours[model.areaStep[i] - 1] ?? NOT_BUILT };
}
