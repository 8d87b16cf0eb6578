// Marks: homes summed up far out, one mark for each address near by, and how a mark is stamped.

// Far out: squares of the map summed up, as large as their households. Today they are
// coloured by the share that is served; later by what the plan has done there.
function paintSums(context, view, model, look) {
  const side = 13 / view.scale;
  const [left, top, right, bottom] = view.box;
  const radiusOf = (count) => Math.min(1.4 + 0.75 * Math.sqrt(count), 6.2);
  for (const { x, y, bySteps } of squaresOf(model, side)) {
    if (x < left - side || x > right + side || y < top - side || y > bottom + side) continue;
    paintSum(context, x * view.scale + view.shiftX, y * view.scale + view.shiftY, bySteps, look, radiusOf);
  }
}

// The squares that have anybody in them; summed up once for each size, however the map is moved.
function squaresOf(model, side) {
  model.squares ??= new Map();
  if (!model.squares.has(side)) model.squares.set(side, sumUp(model, side));
  return model.squares.get(side);
}

function sumUp({ premises: { x, y, households }, premisesStep, never }, side) {
  const squares = new Map();
  for (let i = 0; i < x.length; i++) {
    const [column, row] = [Math.floor(x[i] / side), Math.floor(y[i] / side)];
    const key = row * 65536 + column;
    let square = squares.get(key);
    if (!square) {
      square = { x: (column + 0.5) * side, y: (row + 0.5) * side, bySteps: new Float64Array(never + 1) };
      squares.set(key, square);
    }
    square.bySteps[premisesStep[i]] += households[i];
  }
  return [...squares.values()];
}

function paintSum(context, x, y, bySteps, look, radiusOf) {
  const all = bySteps.reduce((sum, count) => sum + count, 0);
  if (!all) return;
  if (look.step === 0) return bubble(context, x, y, radiusOf(all), shareColour(bySteps[0] / all));
  let gained = 0;
  let most = 1;
  for (let step = 1; step <= look.step; step++) {
    gained += bySteps[step];
    if (bySteps[step] > bySteps[most]) most = step;
  }
  const lacking = all - bySteps[0] - gained;
  if (lacking > gained) ring(context, x, y, radiusOf(lacking));
  else if (gained) bubble(context, x, y, radiusOf(gained), look.pointColours[most - 1]);
  else bubble(context, x, y, Math.min(radiusOf(all), 2), SERVED_TODAY);
}

// The public version has no addresses: only cells with the sums in them.
function paintCells(context, view, model, look) {
  const { x, y } = model.cells;
  const bySteps = new Float64Array(model.never + 1);
  const largest = Math.max(4, (view.scale * model.meta.cell_pixels) / 2);
  for (let i = 0; i < x.length; i++) {
    bySteps.forEach((_, step) => { bySteps[step] = model.cellSteps[step][i]; });
    const [atX, atY] = [x[i] * view.scale + view.shiftX, y[i] * view.scale + view.shiftY];
    paintSum(context, atX, atY, bySteps, look, (count) => Math.min(1.6 + 0.9 * Math.sqrt(count), largest));
  }
}

function bubble(context, x, y, radius, colour) {
  stampAt(context, { fill: colour }, x, y, radius);
}

function ring(context, x, y, radius) {
  stampAt(context, { fill: "#ffffff", ring: INK }, x, y, Math.max(radius, 2.4));
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
    if (count > SPRITES_AT_MOST) {
      context.fillStyle = mark.ring ?? mark.fill;
      const side = Math.max(2, radius * 1.3 * (mark.size ?? 1));
      for (const i of members) {
        context.fillRect(x[i] * view.scale + view.shiftX - side / 2, y[i] * view.scale + view.shiftY - side / 2, side, side);
      }
      continue;
    }
    for (const i of members) {
      stampAt(context, mark, x[i] * view.scale + view.shiftX, y[i] * view.scale + view.shiftY, radius * (mark.size ?? 1));
    }
  }
}

// In the order of painting: what is well is quiet and first, what is lacking is last.
function pointMarks(model, look) {
  if (look.step === 0 && look.points === "grant") return [...look.grantColours].reverse().map((fill) => ({ fill }));
  if (look.step === 0) {
    return [...look.classColours].reverse().map((fill) => ({ fill })).concat({ fill: "#ffffff", ring: NOT_BUILT });
  }
  return [
    { fill: SERVED_TODAY, size: 0.72 },
    ...look.pointColours.map((fill) => ({ fill, shape: "diamond", size: 1.1 })),
    { fill: "#ffffff", ring: INK },
  ];
}

function markOf(model, look, i) {
  if (look.step === 0 && look.points === "grant") return 2 - model.premises.grant[i];
  if (look.step === 0) {
    const speedClass = model.premises.speed_class[i];
    return speedClass === UNKNOWN_CLASS ? look.classColours.length : look.classColours.length - 1 - speedClass;
  }
  const step = model.premisesStep[i];
  return step <= look.step ? step : model.never;
}

const stamps = new Map();

// Marks are painted once for each look and half pixel of size, then stamped.
function stampAt(context, mark, x, y, exactRadius) {
  const radius = Math.round(2 * exactRadius) / 2;
  const ratio = context.getTransform().a;
  const key = `${mark.fill} ${mark.ring} ${mark.shape} ${radius} ${ratio}`;
  if (!stamps.has(key)) stamps.set(key, makeStamp(mark, radius, ratio));
  const stamp = stamps.get(key);
  const onPixel = (at) => Math.round((at - radius - 1.5) * ratio) / ratio; // a copy, not a blur
  context.drawImage(stamp, onPixel(x), onPixel(y), stamp.width / ratio, stamp.height / ratio);
}

function makeStamp({ fill, ring, shape }, radius, ratio) {
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
