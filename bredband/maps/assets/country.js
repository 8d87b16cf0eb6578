// The map of a country: counties from afar and kommuner nearer, each in the colour of the share of
// its households that has an offer at the step shown. Close by it is as the map of one county.

// The rows that are shown at a zoom; null where areas and homes are, and on the map of one county.
function rowsFromAfar({ countyRows, kommuneRows }, zoom) {
  if (!countyRows.length || zoom >= AREAS_FROM_ZOOM) return null;
  return zoom < KOMMUNER_FROM_ZOOM ? countyRows : kommuneRows;
}

const shareAt = ({ kommuner }, row, step) => kommuner.served[row][step] / Math.max(kommuner.households[row], 1);

function paintShares(context, view, model, step, rows) {
  view.inWorld(context);
  const px = 1 / view.scale;
  context.lineJoin = "round";
  context.setLineDash([]);
  const seen = rows.filter((row) => overlaps(model.borders.boxes[row], view.box));
  for (const row of seen) {
    context.fillStyle = shareColour(shareAt(model, row, step));
    context.fill(model.borders.near(row));
  }
  const outline = (members, colour, width) => {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    for (const row of members) context.stroke(model.borders.near(row));
  };
  if (rows !== model.countyRows) outline(seen, "rgb(255 255 255 / 75%)", 0.8);
  outline(model.countyRows.filter((row) => overlaps(model.borders.boxes[row], view.box)), INK, 1.2);
}

// Names with the share: the chosen one first, then the large ones; none lies upon another. A name
// that has no room at home goes where no other is at home, with a line to where it belongs.
function paintRowNames(context, view, { t, model, state: { kommune, step } }, rows) {
  const { kommuner, borders } = model;
  const isCounties = rows === model.countyRows;
  const [left, top, right, bottom] = seenOf(view);
  const outside = [around(left - 1e4, 0, 1e4, 1e5), around(right + 1e4, 0, 1e4, 1e5), around(0, bottom + 1e4, 1e5, 1e4)];
  const write = nameWriter(context, view, [...outside, ...boxesOver(left, top)]);
  const isNarrow = right - left < 500;
  const moves = isCounties ? COUNTY_MOVES.slice(0, isNarrow ? 12 : undefined) : KOMMUNE_MOVES;
  const look = { font: `650 ${isNarrow ? 11 : 12}px ${getComputedStyle(document.body).fontFamily}`, colour: INK };
  const extent = ([west, north, east, south]) => (east - west) * (south - north);
  const rank = (row) => (row === kommune ? Infinity : extent(borders.boxes[row]));
  const homeAt = ([west, north, east, south]) =>
    rowAt(model, rows, ((west + east) / 2 - view.shiftX) / view.scale, ((north + south) / 2 - view.shiftY) / view.scale);
  for (const row of [...rows].sort((a, b) => rank(b) - rank(a))) {
    const [x, y] = [kommuner.x[row] * view.scale + view.shiftX, kommuner.y[row] * view.scale + view.shiftY];
    if (x < left || x > right || y < top || y > bottom) continue;
    const text = `${shortName(kommuner.name[row])} ${t.whole(shareAt(model, row, step))}`;
    const suits = (box) => !isCounties || [-1, row].includes(homeAt(box));
    const box = write(text, [x, y], moves, { ...look, suits, always: row === kommune });
    if (box && !overlaps(box, [x, y, x, y])) leadTo(context, box, x, y);
  }
}

// What is seen of a canvas, which is a fifth wider than the view on each side.
const seenOf = ({ width, height }) => [width / 7, height / 7, (width * 6) / 7, (height * 6) / 7];

// What lies over the map, where no name can be read.
function boxesOver(left, top) {
  const frame = document.querySelector(".map-frame").getBoundingClientRect();
  return [...document.querySelectorAll("#legend, #whole, .leaflet-control")].map((part) => part.getBoundingClientRect())
    .map((part) => [left + part.left - frame.left, top + part.top - frame.top, left + part.right - frame.left, top + part.bottom - frame.top]);
}

function leadTo(context, [west, north, east, south], x, y) {
  context.strokeStyle = INK;
  context.lineWidth = 0.9;
  context.beginPath();
  context.moveTo(Math.min(Math.max(x, west), east), Math.min(Math.max(y, north), south));
  context.lineTo(x, y);
  context.stroke();
  context.fillStyle = INK;
  context.beginPath();
  context.arc(x, y, 2, 0, 7);
  context.fill();
}

// What stands in parentheses is left out on the map, where room is short.
const shortName = (name) => name.replace(/ \(.*\)$/, "");

function rowAt({ borders }, rows, x, y) {
  return rows.find((row) => overlaps(borders.boxes[row], [x, y, x, y]) && scratch.isPointInPath(borders.near(row), x, y)) ?? -1;
}

// At home, close by, and then further and further out to both sides.
const COUNTY_MOVES = [[0, 0], [0, -1], [0, 1], [0.5, 0], [-0.5, 0],
  ...[1.3, 1.7, 2.2, 2.8, 3.5].flatMap((far) => [0, 1, -1, 2, -2, 3, -3].flatMap((down) => [[far, down], [-far, down]]))];
