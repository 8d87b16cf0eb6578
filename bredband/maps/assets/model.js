// A plan as the page uses it: columns, shapes as paths, and questions with short answers.

const NO_AREA = 65535;
const UNKNOWN_CLASS = 255;
const HOLIDAY = 3;

function makeModel({ meta, tables }) {
  const { areas } = meta;
  // What a public map does not tell is null in the file and not a number here.
  for (const name of ["premises", "households"]) areas[name] = areas[name].map((value) => value ?? NaN);
  areas.is_shared = areas.kind.map((kind) => kind !== "area"); // trench or a mast that several need
  const model = {
    meta,
    areas,
    years: meta.steps, // of both plans, where two are side by side
    kommuner: meta.kommuner,
    premises: tables.premises,
    conflicts: tables.conflicts ?? { premises: [], percent: [] },
    cells: tables.cells,
    areaShapes: shapes(tables.area_parts, tables.area_xy, areas.id.length),
    borders: shapes(tables.border_parts, tables.border_xy, meta.kommuner.code.length),
    between: shapes(tables.between_parts, tables.between_xy, 1, false),
    routes: routesByArea(tables, areas.id.length),
    ...rowsOf(meta.kommuner),
  };
  // Step 0 is today; step k is the end of the k-th year; "never" comes after the last.
  model.never = model.years.length + 1;
  model.areaStep = areas.year.map((year) => (year ? model.years.indexOf(year) + 1 : model.never));
  model.conflictOf = new Map(Array.from(model.conflicts.premises, (premises, k) => [premises, k]));
  if (model.premises) model.premisesStep = premisesSteps(model);
  else model.cellSteps = Array.from({ length: model.never + 1 }, (_, step) => model.cells[`step_${step}`]);
  return model;
}

// On the map of a country the counties are rows after the kommuner, which point to them.
function rowsOf({ code, county }) {
  const rows = code.map((_, k) => k);
  if (!county) return { kommuneRows: rows, countyRows: [] };
  return { kommuneRows: rows.filter((k) => county[k] >= 0), countyRows: rows.filter((k) => county[k] < 0) };
}

// The row of the county that a kommune, or a county itself, belongs to; -1 where there are none.
const countyOf = ({ kommuner }, row) => (row < 0 || !kommuner.county ? -1 : kommuner.county[row] < 0 ? row : kommuner.county[row]);
const kommunerIn = (model, county) => model.kommuneRows.filter((k) => model.kommuner.county[k] === county);
const wordForAll = ({ countyRows }) => (countyRows.length ? "all_counties" : "all_kommuner");

// The step from which each premises meets the target.
function premisesSteps({ premises, areaStep, never }) {
  return Uint8Array.from(premises.served, (served, i) =>
    served ? 0 : premises.area[i] === NO_AREA ? never : areaStep[premises.area[i]]);
}

// From afar a bend of less than this many map pixels is lost on any screen.
const FAR_LEAP = 64;

// Parts of lines or rings gathered by owner: one box each, and its paths once they are asked for.
function shapes(parts, xy, owners, closed = true) {
  const ranges = Array.from({ length: owners }, () => []);
  const boxes = Array.from({ length: owners }, noBox);
  eachPart(parts, (owner, range) => {
    ranges[owner].push(range);
    widen(boxes[owner], xy, range);
  });
  return { boxes, ...pathsOf(ranges, xy, closed) };
}

const noBox = () => [Infinity, Infinity, -Infinity, -Infinity];

function eachPart({ owner, size }, visit) {
  let at = 0;
  for (let part = 0; part < owner.length; part++) {
    visit(owner[part], [at, at + size[part]], part);
    at += size[part];
  }
}

function widen(box, { x, y }, [start, end]) {
  for (let i = start; i < end; i++) {
    if (x[i] < box[0]) box[0] = x[i];
    if (y[i] < box[1]) box[1] = y[i];
    if (x[i] > box[2]) box[2] = x[i];
    if (y[i] > box[3]) box[3] = y[i];
  }
}

// A path is made when it is first painted: most of a county is never seen close by.
function pathsOf(ranges, xy, closed = false) {
  const lazily = (add) => {
    const made = [];
    return (i) => {
      if (!ranges[i]?.length) return null;
      if (made[i]) return made[i];
      const path = (made[i] = new Path2D());
      for (const range of ranges[i]) {
        add(path, xy, range);
        if (closed) path.closePath();
      }
      return path;
    };
  };
  return { near: lazily(addLine), far: lazily(addCoarse) };
}

function addLine(path, { x, y }, [start, end]) {
  path.moveTo(x[start], y[start]);
  for (let i = start + 1; i < end; i++) path.lineTo(x[i], y[i]);
}

// The same line without the vertices that are next to the last one kept; both ends stay.
function addCoarse(path, { x, y }, [start, end]) {
  path.moveTo(x[start], y[start]);
  let kept = start;
  for (let i = start + 1; i < end; i++) {
    if (i < end - 1 && Math.abs(x[i] - x[kept]) < FAR_LEAP && Math.abs(y[i] - y[kept]) < FAR_LEAP) continue;
    path.lineTo(x[i], y[i]);
    kept = i;
  }
}

// What is dug, laid in water and hung on poles, by area.
function routesByArea({ route_parts: parts, route_xy: xy }, areas) {
  const ways = [0, 1, 2].map(() => Array.from({ length: areas }, () => []));
  const boxes = Array.from({ length: areas }, noBox);
  eachPart(parts, (area, range, part) => {
    ways[parts.way[part]][area].push(range);
    widen(boxes[area], xy, range);
  });
  const [dug, water, poles] = ways.map((ranges) => pathsOf(ranges, xy));
  return { boxes, dug, water, poles, hasPoles: ways[2].some((ranges) => ranges.length) };
}

// Lines or rings gathered in square tiles, so that a close view draws only what it sees.
function tiled(parts, xy, side) {
  const tiles = new Map();
  const ranges = [];
  const { near, far } = pathsOf(ranges, xy);
  eachPart(parts, (owner, range) => {
    const key = `${owner} ${Math.floor(xy.x[range[0]] / side)} ${Math.floor(xy.y[range[0]] / side)}`;
    if (!tiles.has(key)) {
      const i = ranges.push([]) - 1;
      tiles.set(key, { i, owner, box: noBox(), near: () => near(i), far: () => far(i) });
    }
    const tile = tiles.get(key);
    ranges[tile.i].push(range);
    widen(tile.box, xy, range);
  });
  return [...tiles.values()];
}

const overlaps = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

const scratch = document.createElement("canvas").getContext("2d");

// The smallest area under a point; shared trench and masts are not ground, and are not hit.
function areaAt(model, x, y) {
  let best = -1;
  let bestSize = Infinity;
  model.areaShapes.boxes.forEach((box, i) => {
    if (model.areas.is_shared[i] || !overlaps(box, [x, y, x, y])) return;
    const size = (box[2] - box[0]) * (box[3] - box[1]);
    if (size < bestSize && scratch.isPointInPath(model.areaShapes.near(i), x, y)) {
      best = i;
      bestSize = size;
    }
  });
  return best;
}

// The mast of the plan that is nearest, built by the step that is shown.
function mastNear(model, step, x, y, radius) {
  let best = -1;
  let bestSquare = radius * radius;
  for (const i of mastsBuilt(model, step)) {
    const [atX, atY] = middleOf(model.areaShapes.boxes[i]);
    const square = (atX - x) ** 2 + (atY - y) ** 2;
    if (square < bestSquare) [best, bestSquare] = [i, square];
  }
  return best;
}

const mastsBuilt = ({ areas, areaStep }, step) =>
  areaStep.map((_, i) => i).filter((i) => areas.kind[i] === "mast" && areaStep[i] <= step);

const middleOf = ([west, north, east, south]) => [(west + east) / 2, (north + south) / 2];

function premisesNear(model, x, y, radius, includeHoliday) {
  if (!model.premises) return -1;
  const { x: xs, y: ys, kind } = model.premises;
  let best = -1;
  let bestSquare = radius * radius;
  for (let i = 0; i < xs.length; i++) {
    const square = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
    if (square < bestSquare && (includeHoliday || kind[i] !== HOLIDAY)) {
      best = i;
      bestSquare = square;
    }
  }
  return best;
}

// The place among the conflicts of the one that is nearest; a conflict is seen from any height.
function conflictNear({ premises, conflicts }, x, y, radius) {
  let best = -1;
  let bestSquare = radius * radius;
  conflicts.premises.forEach((i) => {
    const square = (premises.x[i] - x) ** 2 + (premises.y[i] - y) ** 2;
    if (square < bestSquare) [best, bestSquare] = [i, square];
  });
  return best;
}

function addressOf(model, i) {
  const { street, number, letter } = model.premises;
  const house = number[i] ? ` ${number[i]}${letter[i] ? String.fromCharCode(letter[i]) : ""}` : "";
  return model.meta.streets[street[i]] + house;
}

// Households, those served after each step, and grant per year: for one kommune or for all.
function figures(model, kommune) {
  const { households, served, grant_nok: grant } = model.kommuner;
  const sums = (rows) => rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0));
  if (kommune >= 0) {
    return { households: households[kommune], served: served[kommune], grant: grant[kommune] };
  }
  const before = model.meta.kpis.served_before_households;
  const gained = model.meta.by_year.households;
  const running = gained.map((_, k) => before + sums(gained.slice(0, k + 1).map((h) => [h]))[0]);
  return {
    households: model.meta.kpis.households,
    served: [before, ...running],
    grant: model.meta.by_year.grant_nok,
  };
}
