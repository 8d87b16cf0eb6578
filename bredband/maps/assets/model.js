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
    years: meta.years,
    kommuner: meta.kommuner,
    premises: tables.premises,
    conflicts: tables.conflicts ?? { premises: [], percent: [] },
    cells: tables.cells,
    areaShapes: shapes(tables.area_parts, tables.area_xy, areas.id.length),
    borders: shapes(tables.border_parts, tables.border_xy, meta.kommuner.code.length),
    between: shapes(tables.between_parts, tables.between_xy, 1, false),
    routes: routesByArea(tables, areas.id.length),
  };
  // Step 0 is today; step k is the end of the k-th year; "never" comes after the last.
  model.never = model.years.length + 1;
  model.areaStep = areas.year.map((year) => (year ? model.years.indexOf(year) + 1 : model.never));
  model.conflictOf = new Map(Array.from(model.conflicts.premises, (premises, k) => [premises, k]));
  if (model.premises) model.premisesStep = premisesSteps(model);
  else model.cellSteps = Array.from({ length: model.never + 1 }, (_, step) => model.cells[`step_${step}`]);
  return model;
}

// The step from which each premises meets the target.
function premisesSteps({ premises, areaStep, never }) {
  return Uint8Array.from(premises.served, (served, i) =>
    served ? 0 : premises.area[i] === NO_AREA ? never : areaStep[premises.area[i]]);
}

// From afar a bend of less than this many map pixels is lost on any screen.
const FAR_LEAP = 64;

// One path, one coarse path for far away, and one box per owner, in map pixels from the origin.
function shapes(parts, xy, owners, closed = true) {
  const [paths, far] = [0, 1].map(() => Array.from({ length: owners }, () => new Path2D()));
  const boxes = Array.from({ length: owners }, () => [Infinity, Infinity, -Infinity, -Infinity]);
  let at = 0;
  for (let part = 0; part < parts.owner.length; part++) {
    const end = at + parts.size[part];
    const path = paths[parts.owner[part]];
    addLine(path, boxes[parts.owner[part]], xy, at, end);
    addCoarse(far[parts.owner[part]], xy, at, end);
    if (closed) for (const each of [path, far[parts.owner[part]]]) each.closePath();
    at = end;
  }
  return { paths, far, boxes };
}

function addLine(path, box, { x, y }, start, end) {
  for (let i = start; i < end; i++) {
    if (i === start) path.moveTo(x[i], y[i]);
    else path.lineTo(x[i], y[i]);
    box[0] = Math.min(box[0], x[i]);
    box[1] = Math.min(box[1], y[i]);
    box[2] = Math.max(box[2], x[i]);
    box[3] = Math.max(box[3], y[i]);
  }
}

// The same line without the vertices that are next to the last one kept; both ends stay.
function addCoarse(path, { x, y }, start, end) {
  path.moveTo(x[start], y[start]);
  let kept = start;
  for (let i = start + 1; i < end; i++) {
    if (i < end - 1 && Math.abs(x[i] - x[kept]) < FAR_LEAP && Math.abs(y[i] - y[kept]) < FAR_LEAP) continue;
    path.lineTo(x[i], y[i]);
    kept = i;
  }
}

// Trenches on land and in water, one path of each per area.
function routesByArea({ route_parts: parts, route_xy: xy }, areas) {
  const [kinds, far] = [0, 1].map(() => [0, 1].map(() => Array(areas).fill(null)));
  const boxes = Array.from({ length: areas }, () => [Infinity, Infinity, -Infinity, -Infinity]);
  let at = 0;
  for (let part = 0; part < parts.owner.length; part++) {
    const area = parts.owner[part];
    const path = (kinds[parts.water[part]][area] ??= new Path2D());
    addLine(path, boxes[area], xy, at, at + parts.size[part]);
    addCoarse((far[parts.water[part]][area] ??= new Path2D()), xy, at, at + parts.size[part]);
    at += parts.size[part];
  }
  return { land: kinds[0], water: kinds[1], far: { land: far[0], water: far[1] }, boxes };
}

// Lines or rings gathered in square tiles, so that a close view draws only what it sees.
function tiled(parts, xy, side) {
  const tiles = new Map();
  let at = 0;
  for (let part = 0; part < parts.owner.length; part++) {
    const end = at + parts.size[part];
    const key = `${parts.owner[part]} ${Math.floor(xy.x[at] / side)} ${Math.floor(xy.y[at] / side)}`;
    if (!tiles.has(key)) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      tiles.set(key, { owner: parts.owner[part], path: new Path2D(), far: new Path2D(), box });
    }
    const tile = tiles.get(key);
    addLine(tile.path, tile.box, xy, at, end);
    addCoarse(tile.far, xy, at, end);
    at = end;
  }
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
    if (size < bestSize && scratch.isPointInPath(model.areaShapes.paths[i], x, y)) {
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
