// Painting: the land, the plan and the names, each on its own canvas.

const POINTS_FROM_ZOOM = 10.5; // further out addresses lie on top of each other: sum them up
const KOMMUNER_FROM_ZOOM = 6.75; // on the map of a country: further out there are counties only
const AREAS_FROM_ZOOM = 9.5; // further out the sums tell it all, and areas are specks below them
const SPRITES_AT_MOST = 9000; // more points than this are painted as plain squares

const isFar = (view) => view.zoom < POINTS_FROM_ZOOM;

function paintLand(context, view, land, kommuneChosen) {
  view.inWorld(context);
  const px = 1 / view.scale;
  context.fillStyle = "#eceee8";
  for (const row of land.ground) if (overlaps(land.borders.boxes[row], view.box)) context.fill(land.borders.near(row));
  context.fillStyle = "#cddee8";
  for (const lake of land.water) if (overlaps(lake.box, view.box)) context.fill(isFar(view) ? lake.far() : lake.near());
  // Round joins cost as much as the line itself; from afar nobody sees them.
  context.lineJoin = view.zoom >= 12 ? "round" : "bevel";
  context.lineCap = view.zoom >= 12 ? "round" : "butt";
  const nearer = Math.max(0, view.zoom - 9);
  const widths = [0.9 + 0.45 * nearer, 0.3 + 0.35 * nearer, 0.15 + 0.25 * nearer];
  const lowest = [0, 10.5, 12];
  for (const casing of view.zoom >= 12 ? [true, false] : [false]) {
    for (const rank of [2, 1, 0]) {
      if (view.zoom < lowest[rank]) continue;
      context.strokeStyle = casing ? "#a8afb5" : view.zoom >= 12 ? "#ffffff" : ["#8f989f", "#a3abb1", "#b9bfc4"][rank];
      context.lineWidth = (widths[rank] + (casing ? 1.4 : 0)) * px;
      for (const road of land.roads) {
        if (road.owner === rank && overlaps(road.box, view.box)) context.stroke(isFar(view) ? road.far() : road.near());
      }
    }
  }
  const line = (path, colour, width, dash = []) => {
    if (!path) return;
    context.setLineDash(dash.map((length) => length * px));
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.stroke(path);
  };
  land.borders.boxes.forEach((_, i) => line(land.borders.near(i), "rgb(84 98 110 / 55%)", 0.7));
  line(land.between.near(0), "#54626e", 1.2, [7, 3]);
  const chosen = land.borders.near(kommuneChosen);
  if (chosen) {
    line(chosen, "#ffffff", 5);
    line(chosen, INK, 2.5);
  }
  context.setLineDash([]);
}

function byColour(members, colourOf) {
  const groups = new Map();
  for (const member of members) {
    const colour = colourOf(member);
    if (!groups.has(colour)) groups.set(colour, []);
    groups.get(colour).push(member);
  }
  return groups;
}

// look: {step, colourOf, classColours, grantColours, points, pointColours, layers, area}
function paintPlan(context, view, model, look) {
  const rows = rowsFromAfar(model, view.zoom);
  if (rows) return paintShares(context, view, model, look.step, rows);
  view.inWorld(context);
  context.lineJoin = view.zoom >= 12 ? "round" : "bevel";
  context.lineCap = view.zoom >= 12 ? "round" : "butt";
  const hatch = hatchPattern(context, view);
  if (view.zoom >= AREAS_FROM_ZOOM || !look.layers.premises) paintAreas(context, view, model, look, hatch);
  if (look.layers.routes) paintRoutes(context, view, model, look);
  if (look.layers.premises) {
    view.inPixels(context);
    if (model.cells) paintCells(context, view, model, look);
    else if (view.zoom < POINTS_FROM_ZOOM) paintSums(context, view, model, look);
    else paintPoints(context, view, model, look);
  }
  if (look.step > 0) paintMasts(context, view, model, look);
  if (look.layers.conflicts) paintConflicts(context, view, model);
  if (look.area >= 0) paintChosen(context, view, model, look.area);
}

function hatchPattern(context, view) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = "rgb(24 34 44 / 45%)";
  pen.lineWidth = 1.3;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / view.scale));
  return pattern;
}

// What is built is filled; what comes later or never is outlined, each in its own dash.
function paintAreas(context, view, model, look, hatch) {
  const px = 1 / view.scale;
  const near = !isFar(view);
  const pathOf = near ? model.areaShapes.near : model.areaShapes.far;
  const seen = model.areaStep.map((_, i) => i).filter((i) =>
    !model.areas.is_shared[i] && overlaps(model.areaShapes.boxes[i], view.box));
  const outline = (members, colour, width, dash) => {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.setLineDash(near ? dash.map((length) => length * px) : []);
    for (const i of members) context.stroke(pathOf(i));
  };
  const fill = (members, style, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = style;
    for (const i of members) context.fill(pathOf(i));
    context.globalAlpha = 1;
  };
  if (look.step === 0) {
    if (near) outline(seen, "rgb(24 34 44 / 38%)", 1, [2, 3]);
    return;
  }
  if (look.layers.not_built) {
    const never = seen.filter((i) => model.areaStep[i] === model.never);
    fill(never, near ? hatch : NOT_BUILT, near ? 0.55 : 0.3);
    if (near) outline(never, NOT_BUILT, 1.4, [1.5, 3]);
  }
  const later = seen.filter((i) => model.areaStep[i] > look.step && model.areaStep[i] < model.never);
  fill(later, "#ffffff", 0.4);
  outline(later, "rgb(24 34 44 / 70%)", near ? 1.1 : 0.6, [5, 4]);
  const built = seen.filter((i) => model.areaStep[i] <= look.step);
  for (const [colour, members] of byColour(built, look.colourOf)) {
    fill(members, colour, near ? 0.5 : 0.75);
  }
  if (!near) return;
  const wireless = built.filter((i) => model.areas.technology[i] !== "fibre");
  fill(wireless, hatch, 0.8);
  outline(built, "rgb(24 34 44 / 65%)", 0.8, []);
}

function paintRoutes(context, view, model, look) {
  if (look.step === 0) return;
  const px = 1 / view.scale;
  const width = Math.min(0.8 + 0.45 * Math.max(0, view.zoom - 8.5), 3.6);
  const seen = model.areaStep.map((_, i) => i).filter((i) => overlaps(model.routes.boxes[i], view.box));
  const draw = (members, { near, far }) => {
    for (const i of members) {
      const path = isFar(view) ? far(i) : near(i);
      if (path) context.stroke(path);
    }
  };
  const stroke = (members, colour, lineWidth, dash) => {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth * px;
    context.setLineDash(dash.map((length) => length * px));
    draw(members, model.routes.dug);
    context.setLineDash(dash.length ? dash.map((length) => length * px) : [5 * px, 4 * px]);
    draw(members, model.routes.water);
    context.setLineDash([1.5 * px, 2.5 * px]);
    draw(members, model.routes.poles);
  };
  if (view.zoom >= 11) {
    const later = seen.filter((i) =>
      model.areaStep[i] > look.step && (model.areaStep[i] < model.never || look.layers.not_built));
    stroke(later, "rgb(24 34 44 / 55%)", 1, [2, 4]);
  }
  const built = seen.filter((i) => model.areaStep[i] <= look.step);
  const own = built.filter((i) => !model.areas.is_shared[i]);
  const shared = built.filter((i) => model.areas.is_shared[i]);
  if (view.zoom >= 12) stroke(built, "#ffffff", width + 2, []);
  if (view.zoom >= AREAS_FROM_ZOOM) {
    for (const [colour, members] of byColour(own, look.colourOf)) stroke(members, colour, width, []);
  }
  stroke(shared, INK, width + 0.8, []);
  context.setLineDash([]);
}

function paintChosen(context, view, model, i) {
  view.inWorld(context);
  const path = model.areas.kind[i] === "feeder" ? model.routes.dug.near(i) : model.areaShapes.near(i);
  if (!path) return;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 7 / view.scale;
  context.stroke(path);
  context.strokeStyle = INK;
  context.lineWidth = 3 / view.scale;
  context.stroke(path);
}

const CROSS_APART = 11;

// A cross with a white rim, larger than any address: it stands out without a colour of its own. From afar the
// worst of those that would lie on one another stands for them all.
function paintConflicts(context, view, { premises, conflicts }) {
  view.inPixels(context);
  const afar = view.zoom < POINTS_FROM_ZOOM;
  const arm = afar ? 3.2 : 5;
  const cross = new Path2D();
  const taken = new Set();
  for (const i of conflicts.premises) {
    const [column, row] = [premises.x[i], premises.y[i]].map((at) => Math.floor(at * view.scale / CROSS_APART));
    if (afar && taken.has(`${column} ${row}`)) continue;
    for (const right of [-1, 0, 1]) for (const down of [-1, 0, 1]) taken.add(`${column + right} ${row + down}`);
    const [x, y] = [premises.x[i] * view.scale + view.shiftX, premises.y[i] * view.scale + view.shiftY];
    if (x < -9 || y < -9 || x > view.width + 9 || y > view.height + 9) continue;
    cross.moveTo(x - arm, y - arm);
    cross.lineTo(x + arm, y + arm);
    cross.moveTo(x - arm, y + arm);
    cross.lineTo(x + arm, y - arm);
  }
  context.setLineDash([]);
  context.lineCap = "round";
  for (const [colour, width] of [["#ffffff", 4.6], [CONFLICT, 2.4]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(cross);
  }
}

const MAST_SHAPE = "M0-7 6 6H-6Z";
const SITE_SHAPES = {
  lit_fibre: { d: "M-5-5H5V5H-5Z", fill: "#18222c" },
  mast: { d: MAST_SHAPE, fill: "#18222c" },
  mast_candidate: { d: MAST_SHAPE, fill: "#ffffff" },
};

function paintSites(context, view, sites) {
  const size = view.zoom < 10.5 ? 0.75 : 1;
  sites.kind.forEach((kind, i) => paintSite(context, view, SITE_SHAPES[kind], sites.x[i], sites.y[i], size));
}

function paintSite(context, view, { d, fill }, x, y, size) {
  view.inPixels(context);
  context.translate(x * view.scale + view.shiftX, y * view.scale + view.shiftY);
  context.scale(size, size);
  const path = new Path2D(d);
  context.setLineDash([]);
  context.lineJoin = "round";
  context.strokeStyle = "#ffffff";
  context.lineWidth = 4;
  context.stroke(path);
  context.fillStyle = fill;
  context.fill(path);
  context.strokeStyle = INK;
  context.lineWidth = 1.6;
  context.stroke(path);
  view.inPixels(context);
}

// The masts that the plan builds, in the colour of their year, larger than those that stand.
function paintMasts(context, view, model, look) {
  for (const i of mastsBuilt(model, look.step)) {
    const [x, y] = middleOf(model.areaShapes.boxes[i]);
    paintSite(context, view, { d: MAST_SHAPE, fill: look.colourOf(i) }, x, y, view.zoom < 10.5 ? 1 : 1.35);
  }
}

// Names: important first, none on top of another or of a mast. One that has no room where it
// belongs moves a little or waits for a nearer view. The chosen kommune is always named.
function paintNames(context, view, { names, sites }, { kommuner, kommuneRows }, { layers, kommune }) {
  const at = (xs, ys, i) => [xs[i] * view.scale + view.shiftX, ys[i] * view.scale + view.shiftY];
  const write = nameWriter(context, view, layers.sites ? sites.kind.map((_, i) => around(...at(sites.x, sites.y, i), 9, 9)) : []);
  const family = getComputedStyle(document.body).fontFamily;
  if (view.zoom < 12.5) {
    const look = { font: `650 12px ${family}`, colour: "#45525d", spacing: "2px" };
    const rank = (i) => (i === kommune ? Infinity : kommuner.households[i]);
    [...kommuneRows].sort((a, b) => rank(b) - rank(a)).forEach((i) =>
      write(kommuner.name[i].toUpperCase(), at(kommuner.x, kommuner.y, i), KOMMUNE_MOVES, { ...look, always: i === kommune }));
  }
  if (layers.servers) {
    sites.name.forEach((name, i) => {
      if (sites.kind[i] === "mast") write(name, at(sites.x, sites.y, i), MAST_MOVES, { font: `650 13px ${family}`, colour: INK, always: true });
    });
  }
  if (!layers.names) return;
  const fonts = [`600 14px ${family}`, `500 12.5px ${family}`, `400 12px ${family}`];
  const lowest = [0, 10.5, 12];
  names.name.forEach((name, i) => {
    const rank = names.rank[i];
    if (view.zoom < lowest[rank]) return;
    const [x, y] = at(names.x, names.y, i);
    if (x > 0 && y > 0 && x < view.width && y < view.height) write(name, [x, y], PLACE_MOVES, { font: fonts[rank], colour: "#2c3944" });
  });
}

// A pen for names that lie upon nothing that is taken, nor upon each other.
function nameWriter(context, view, taken) {
  view.inPixels(context);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  return (text, [x, y], moves, { font, colour, spacing = "0px", always = false, suits = () => true }) => {
    context.font = font;
    context.letterSpacing = spacing;
    const half = context.measureText(text).width / 2 + 4;
    const boxes = moves.map(([right, down]) => around(x + right * half, y + down * 19, half, 9));
    const isFree = (box) => !taken.some((other) => overlaps(box, other));
    const room = boxes.find((box) => isFree(box) && suits(box)) ?? (always ? boxes[0] : undefined);
    if (!room) return undefined;
    taken.push(room);
    const [middleX, middleY] = [(room[0] + room[2]) / 2, (room[1] + room[3]) / 2];
    context.strokeStyle = "rgb(255 255 255 / 88%)";
    context.lineWidth = 3.5;
    context.strokeText(text, middleX, middleY);
    context.fillStyle = colour;
    context.fillText(text, middleX, middleY);
    return room;
  };
}

// Half widths to the right and lines down.
const KOMMUNE_MOVES = [[0, 0], [0, -1], [0, 1], [0, -2], [0, 2], [0.5, 0], [-0.5, 0], [0.5, 1], [-0.5, 1]];
const MAST_MOVES = [[0, 1], [0, -1], [1.3, 0], [-1.3, 0]];
const PLACE_MOVES = [[0, 0], [0, -1], [0, 1], [1.1, 0], [-1.1, 0]];

const around = (x, y, halfWide, halfHigh) => [x - halfWide, y - halfHigh, x + halfWide, y + halfHigh];
