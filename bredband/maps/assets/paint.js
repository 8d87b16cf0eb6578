// Painting: the land, the plan and the names, each on its own canvas.

const POINTS_FROM_ZOOM = 10.5; // further out addresses lie on top of each other: sum them up
const SPRITES_AT_MOST = 9000; // more points than this are painted as plain squares

function paintLand(context, view, land, kommuneChosen) {
  view.inWorld(context);
  const px = 1 / view.scale;
  context.fillStyle = "#cddee8";
  context.strokeStyle = "#a9c3d2";
  context.lineWidth = 0.7 * px;
  for (const { path, box } of land.water) {
    if (!overlaps(box, view.box)) continue;
    context.fill(path, "evenodd");
    context.stroke(path);
  }
  context.lineJoin = context.lineCap = "round";
  const nearer = Math.max(0, view.zoom - 9);
  const widths = [0.9 + 0.45 * nearer, 0.3 + 0.35 * nearer, 0.15 + 0.25 * nearer];
  const lowest = [0, 10.5, 12];
  for (const casing of view.zoom >= 12 ? [true, false] : [false]) {
    for (const rank of [2, 1, 0]) {
      if (view.zoom < lowest[rank]) continue;
      context.strokeStyle = casing ? "#a8afb5" : view.zoom >= 12 ? "#ffffff" : ["#8f989f", "#a3abb1", "#b9bfc4"][rank];
      context.lineWidth = (widths[rank] + (casing ? 1.4 : 0)) * px;
      for (const road of land.roads) {
        if (road.owner === rank && overlaps(road.box, view.box)) context.stroke(road.path);
      }
    }
  }
  land.borders.paths.forEach((path, i) => {
    const chosen = i === kommuneChosen;
    if (chosen) {
      context.setLineDash([]);
      context.strokeStyle = "#ffffff";
      context.lineWidth = 5 * px;
      context.stroke(path);
    }
    context.setLineDash(chosen ? [] : [6 * px, 3 * px]);
    context.strokeStyle = chosen ? INK : "#66737e";
    context.lineWidth = (chosen ? 2.5 : 1.1) * px;
    context.stroke(path);
  });
  context.setLineDash([]);
}

// look: {step, colourOf, classColours, layers, area}
function paintPlan(context, view, model, look) {
  view.inWorld(context);
  context.lineJoin = context.lineCap = "round";
  const hatch = hatchPattern(context, view);
  paintAreas(context, view, model, look, hatch);
  if (look.layers.routes) paintRoutes(context, view, model, look);
  if (look.layers.premises) {
    view.inPixels(context);
    if (model.cells) paintCells(context, view, model, look);
    else if (view.zoom < POINTS_FROM_ZOOM) paintSums(context, view, model, look);
    else paintPoints(context, view, model, look);
  }
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

function paintAreas(context, view, model, look, hatch) {
  const px = 1 / view.scale;
  model.areaShapes.paths.forEach((path, i) => {
    if (model.areas.is_feeder[i] || !overlaps(model.areaShapes.boxes[i], view.box)) return;
    const step = model.areaStep[i];
    if (look.step === 0) {
      context.setLineDash([2 * px, 3 * px]);
      context.strokeStyle = "rgb(24 34 44 / 35%)";
      context.lineWidth = px;
      context.stroke(path);
    } else if (step <= look.step) {
      context.setLineDash([]);
      context.globalAlpha = 0.5;
      context.fillStyle = context.strokeStyle = look.colourOf(i);
      context.fill(path, "evenodd");
      if (model.areas.technology[i] !== "fibre") {
        context.fillStyle = hatch;
        context.fill(path, "evenodd");
      }
      context.globalAlpha = 1;
      context.lineWidth = 1.6 * px;
      context.stroke(path);
      context.lineWidth = 0.6 * px;
      context.strokeStyle = "rgb(24 34 44 / 60%)";
      context.stroke(path);
    } else if (step < model.never) {
      context.setLineDash([5 * px, 4 * px]);
      context.fillStyle = "rgb(255 255 255 / 35%)";
      context.fill(path, "evenodd");
      context.strokeStyle = "rgb(24 34 44 / 70%)";
      context.lineWidth = 1.1 * px;
      context.stroke(path);
    } else if (look.layers.not_built) {
      context.setLineDash([1.5 * px, 3 * px]);
      context.globalAlpha = 0.55;
      context.fillStyle = hatch;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      context.strokeStyle = NOT_BUILT;
      context.lineWidth = 1.4 * px;
      context.stroke(path);
    }
  });
  context.setLineDash([]);
}

function paintRoutes(context, view, model, look) {
  if (look.step === 0) return;
  const px = 1 / view.scale;
  const width = Math.min(0.8 + 0.45 * Math.max(0, view.zoom - 8.5), 3.6);
  const drawn = model.areaStep.map((step, i) => i).filter((i) =>
    overlaps(model.routes.boxes[i], view.box) &&
    (model.areaStep[i] < model.never || look.layers.not_built));
  const stroke = (i, colour, lineWidth, landDash) => {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth * px;
    context.setLineDash(landDash.map((d) => d * px));
    if (model.routes.land[i]) context.stroke(model.routes.land[i]);
    context.setLineDash([5 * px, 4 * px]);
    if (model.routes.water[i]) context.stroke(model.routes.water[i]);
  };
  const later = drawn.filter((i) => model.areaStep[i] > look.step);
  const built = drawn.filter((i) => model.areaStep[i] <= look.step);
  if (view.zoom >= 10) later.forEach((i) => stroke(i, "rgb(24 34 44 / 55%)", 1, [2, 4]));
  if (view.zoom >= 11) built.forEach((i) => stroke(i, "#ffffff", width + 2, []));
  built.forEach((i) => stroke(i, model.areas.is_feeder[i] ? INK : look.colourOf(i), width + (model.areas.is_feeder[i] ? 0.8 : 0), []));
  context.setLineDash([]);
}

function paintChosen(context, view, model, i) {
  view.inWorld(context);
  const path = model.areas.is_feeder[i] ? model.routes.land[i] : model.areaShapes.paths[i];
  if (!path) return;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 7 / view.scale;
  context.stroke(path);
  context.strokeStyle = INK;
  context.lineWidth = 3 / view.scale;
  context.stroke(path);
}

// Far out: squares of the map summed up, as large as their households, coloured by share.
function paintSums(context, view, model, look) {
  const side = 13 / view.scale;
  const { x, y, households } = model.premises;
  const columns = Math.ceil((view.box[2] - view.box[0]) / side) + 2;
  const left = Math.floor(view.box[0] / side);
  const top = Math.floor(view.box[1] / side);
  const rows = Math.ceil((view.box[3] - view.box[1]) / side) + 2;
  const all = new Float64Array(columns * rows);
  const served = new Float64Array(columns * rows);
  for (let i = 0; i < x.length; i++) {
    const column = Math.floor(x[i] / side) - left;
    const row = Math.floor(y[i] / side) - top;
    if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
    all[row * columns + column] += households[i];
    if (model.premisesStep[i] <= look.step) served[row * columns + column] += households[i];
  }
  for (let cell = 0; cell < all.length; cell++) {
    if (!all[cell]) continue;
    const middleX = (left + (cell % columns) + 0.5) * side * view.scale + view.shiftX;
    const middleY = (top + Math.floor(cell / columns) + 0.5) * side * view.scale + view.shiftY;
    bubble(context, middleX, middleY, Math.min(1.4 + 0.75 * Math.sqrt(all[cell]), 6.2), shareColour(served[cell] / all[cell]));
  }
}

// The public version has no addresses: cells of households, coloured by share.
function paintCells(context, view, model, look) {
  const { x, y, households } = model.cells;
  const served = model.cells[`served_${look.step}`];
  const largest = Math.max(5, (view.scale * model.meta.cell_pixels) / 2);
  for (let i = 0; i < x.length; i++) {
    const radius = Math.min(1.6 + 0.9 * Math.sqrt(households[i]), largest);
    bubble(context, x[i] * view.scale + view.shiftX, y[i] * view.scale + view.shiftY, radius, shareColour(served[i] / households[i]));
  }
}

function bubble(context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = "rgb(24 34 44 / 65%)";
  context.lineWidth = 0.7;
  context.stroke();
}

// Near: one mark per address. Marks are painted once and stamped; the important ones last.
function paintPoints(context, view, model, look) {
  const marks = pointMarks(model, look);
  const groups = marks.map(() => []);
  const { x, y, kind } = model.premises;
  const [left, top, right, bottom] = view.box;
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] < left || x[i] > right || y[i] < top || y[i] > bottom) continue;
    if (kind[i] === HOLIDAY && !look.layers.holiday) continue;
    groups[markOf(model, look, i)].push(i);
    count++;
  }
  const radius = Math.min(2 + 0.75 * Math.max(0, view.zoom - POINTS_FROM_ZOOM), 7);
  for (const [number, members] of groups.entries()) {
    const mark = marks[number];
    const size = (radius + 1.5) * (mark.size ?? 1);
    if (count > SPRITES_AT_MOST) {
      context.fillStyle = mark.ring ?? mark.fill;
      const side = Math.max(2, radius * 1.3 * (mark.size ?? 1));
      for (const i of members) {
        context.fillRect(x[i] * view.scale + view.shiftX - side / 2, y[i] * view.scale + view.shiftY - side / 2, side, side);
      }
      continue;
    }
    const stamp = markStamp(mark, radius * (mark.size ?? 1), view.ratio);
    for (const i of members) {
      context.drawImage(stamp, x[i] * view.scale + view.shiftX - size, y[i] * view.scale + view.shiftY - size, 2 * size, 2 * size);
    }
  }
}

// In the order of painting: what is well is quiet and first, what is lacking is last.
function pointMarks(model, look) {
  if (look.step === 0) {
    return [...look.classColours].reverse().map((fill) => ({ fill })).concat({ fill: "#ffffff", ring: NOT_BUILT });
  }
  return [
    { fill: SERVED_TODAY, size: 0.72 },
    ...yearColours(model).map((fill) => ({ fill, shape: "diamond", size: 1.1 })),
    { fill: "#ffffff", ring: INK },
  ];
}

function markOf(model, look, i) {
  if (look.step === 0) {
    const speedClass = model.premises.speed_class[i];
    return speedClass === UNKNOWN_CLASS ? look.classColours.length : look.classColours.length - 1 - speedClass;
  }
  const step = model.premisesStep[i];
  return step <= look.step ? step : model.never;
}

function markStamp({ fill, ring, shape }, radius, ratio) {
  const size = radius + 1.5;
  const stamp = document.createElement("canvas");
  stamp.width = stamp.height = Math.ceil(2 * size * ratio);
  const pen = stamp.getContext("2d");
  pen.scale(ratio, ratio);
  pen.translate(size, size);
  pen.beginPath();
  if (shape === "diamond") {
    pen.moveTo(0, -radius);
    pen.lineTo(radius, 0);
    pen.lineTo(0, radius);
    pen.lineTo(-radius, 0);
    pen.closePath();
  } else {
    pen.arc(0, 0, ring ? radius - 0.6 : radius, 0, 7);
  }
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = ring ?? "rgb(255 255 255 / 85%)";
  pen.lineWidth = ring ? Math.max(1.4, radius * 0.45) : 1;
  pen.stroke();
  if (!ring && radius > 2.5) {
    pen.strokeStyle = "rgb(24 34 44 / 55%)";
    pen.lineWidth = 0.6;
    pen.stroke();
  }
  return stamp;
}

// Names: important first, none on top of another.
function paintNames(context, view, names, kommuner, borders, layers) {
  view.inPixels(context);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const taken = [];
  const write = (text, x, y, font, colour, spacing = "0px") => {
    context.font = font;
    context.letterSpacing = spacing;
    const half = context.measureText(text).width / 2 + 4;
    const box = [x - half, y - 9, x + half, y + 9];
    if (taken.some((other) => overlaps(box, other))) return;
    taken.push(box);
    context.strokeStyle = "rgb(255 255 255 / 88%)";
    context.lineWidth = 3.5;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  const family = getComputedStyle(document.body).fontFamily;
  const fonts = [`600 14px ${family}`, `500 12.5px ${family}`, `400 12px ${family}`];
  const lowest = [0, 10.5, 12];
  if (layers.names) {
    names.name.forEach((name, i) => {
      if (view.zoom < lowest[names.rank[i]]) return;
      const x = names.x[i] * view.scale + view.shiftX;
      const y = names.y[i] * view.scale + view.shiftY;
      if (x > 0 && y > 0 && x < view.width && y < view.height) write(name, x, y, fonts[names.rank[i]], "#2c3944");
    });
  }
  if (view.zoom < 12.5) {
    kommuner.name.forEach((name, i) => {
      const box = borders.boxes[i];
      const x = ((box[0] + box[2]) / 2) * view.scale + view.shiftX;
      const y = ((box[1] + box[3]) / 2) * view.scale + view.shiftY;
      write(name.toUpperCase(), x, y, `600 12px ${family}`, "#56636e", "2px");
    });
  }
}
