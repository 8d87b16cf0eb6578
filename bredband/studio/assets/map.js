// The studio's own map: a canvas with kommuner, water, roads, premises and areas, in metres.
// Modes: «coverage» shows who lacks today, «areas» lets her point areas out, «why» asks.
"use strict";
(() => {
  const COLOURS = { served: "#7f97a3", lacking: "#440154", planned: "#21918c", built: "#1f5f7f", other: "#a67c37" };
  const STATES = ["served", "lacking", "planned", "built", "other"];
  const ORDER = [0, 4, 2, 3, 1], HOLIDAY = 4;
  const SHOWN_HITS = 8;
  const MUST = "#e07b00", NOT_BUILT = "#b9c2c9";
  const YEARS = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"];

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  async function start(box) {
    const words = JSON.parse(box.dataset.words), mode = box.dataset.mode;
    const canvas = box.appendChild(document.createElement("canvas"));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", words[`label_${mode}`]);
    const tools = box.appendChild(document.createElement("div"));
    tools.className = "tools";
    const button = (text, label, act) => {
      const made = tools.appendChild(document.createElement("button"));
      made.type = "button";
      made.textContent = text;
      made.setAttribute("aria-label", label);
      made.title = label;
      made.addEventListener("click", act);
      return made;
    };
    const answer = await fetch(box.dataset.picture, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) {
      box.append(Object.assign(document.createElement("p"), { className: "empty", textContent: words.failed }));
      return;
    }
    const data = await answer.json();
    const years = [...new Set(data.areas.map((a) => a.year).filter(Boolean))].sort();
    const yearColour = (year) => YEARS[Math.round(((years.indexOf(year) + 0.5) / years.length) * (YEARS.length - 1))];
    let marks = new Map(), chosen = -1, chosenArea = "", drawing = null, drawMode = false;
    let scale = 1, left = 0, top = 0, wide = 0, high = 0;

    const x = (east) => (east - left) * scale, y = (north) => high - (north - top) * scale;
    function fit() {
      const [w, s, e, n] = data.bounds;
      scale = Math.min(wide / (e - w), high / (n - s)) * 0.94;
      left = (w + e) / 2 - wide / 2 / scale;
      top = (s + n) / 2 - high / 2 / scale;
    }
    function size() {
      const ratio = window.devicePixelRatio || 1, before = wide;
      wide = box.clientWidth;
      high = box.clientHeight;
      canvas.width = wide * ratio;
      canvas.height = high * ratio;
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
      if (!before) fit();
      draw();
    }
    const trace = (c, flat) => { for (let i = 0; i < flat.length; i += 2) c[i ? "lineTo" : "moveTo"](x(flat[i]), y(flat[i + 1])); };
    function shape(c, rings) { c.beginPath(); for (const ring of rings) { trace(c, ring); c.closePath(); } }

    let asked = false;
    const draw = () => { if (!asked) { asked = true; requestAnimationFrame(paint); } };
    function paint() {
      asked = false;
      const c = canvas.getContext("2d");
      c.clearRect(0, 0, wide, high);
      c.fillStyle = "#e7edf0";
      c.fillRect(0, 0, wide, high);
      for (const kommune of data.kommuner) { shape(c, kommune.rings); c.fillStyle = "#fbfaf7"; c.fill("evenodd"); }
      c.fillStyle = "#d5e2ea";
      for (const rings of data.land.water) { shape(c, rings); c.fill("evenodd"); }
      c.strokeStyle = "#d9d3c6";
      c.lineWidth = 1;
      c.beginPath();
      for (const road of data.land.roads) trace(c, road);
      c.stroke();
      c.strokeStyle = "#8c98a2";
      c.lineWidth = 1.2;
      for (const kommune of data.kommuner) { shape(c, kommune.rings); c.stroke(); }
      paintAreas(c);
      paintPremises(c);
      paintNames(c);
      if (mode !== "coverage" && canvas.matches(":focus-visible")) paintMiddle(c);
      if (drawing) {
        c.strokeStyle = "#18222c";
        c.setLineDash([6, 4]);
        c.strokeRect(...drawing);
        c.setLineDash([]);
      }
      box.dataset.ready = "true";
    }
    function paintMiddle(c) {
      for (const [colour, width] of [["#ffffff", 5], ["#18222c", 2]]) {
        c.strokeStyle = colour;
        c.lineWidth = width;
        c.beginPath();
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          c.moveTo(wide / 2 + 5 * dx, high / 2 + 5 * dy);
          c.lineTo(wide / 2 + 16 * dx, high / 2 + 16 * dy);
        }
        c.stroke();
      }
    }
    function paintAreas(c) {
      if (mode === "coverage") return;
      for (const area of data.areas) {
        if (area.kind !== "area") continue;
        const mark = marks.get(area.id);
        shape(c, area.rings);
        c.globalAlpha = mark ? 0.75 : 0.5;
        c.fillStyle = mark === "must" ? MUST : mark === "not" ? "#ffffff" : area.year ? yearColour(area.year) : NOT_BUILT;
        c.fill("evenodd");
        c.globalAlpha = 1;
        c.lineWidth = mark || area.id === chosenArea ? 3 : 1;
        c.strokeStyle = mark || area.id === chosenArea ? "#18222c" : "#5d6a75";
        if (mark === "not") c.setLineDash([4, 3]);
        c.stroke();
        c.setLineDash([]);
      }
    }
    function paintPremises(c) {
      const { x: xs, y: ys, state } = data.premises;
      if (mode === "areas") return;
      const radius = Math.min(4.5, Math.max(1.5, scale * 26));
      for (const kind of ORDER) {
        c.fillStyle = c.strokeStyle = COLOURS[STATES[kind]];
        c.lineWidth = 1;
        c.beginPath();
        for (let i = 0; i < xs.length; i++) {
          if (state[i] !== kind) continue;
          const px = x(xs[i]), py = y(ys[i]);
          if (px < -5 || py < -5 || px > wide + 5 || py > high + 5) continue;
          if (kind === 2) c.rect(px - radius, py - radius, 2 * radius, 2 * radius);
          else { const r = kind === 1 ? radius * 1.15 : radius * 0.8; c.moveTo(px + r, py); c.arc(px, py, r, 0, 7); }
        }
        if (kind === HOLIDAY) c.stroke(); else c.fill();
      }
      if (chosen >= 0) {
        c.strokeStyle = "#18222c";
        c.lineWidth = 3;
        c.beginPath();
        c.arc(x(xs[chosen]), y(ys[chosen]), 9, 0, 7);
        c.stroke();
      }
    }
    function paintNames(c) {
      c.font = "600 12px system-ui, sans-serif";
      c.textAlign = "center";
      c.lineWidth = 3;
      const taken = [];
      for (const [name, east, north] of data.land.places) {
        const px = x(east), py = y(north), half = c.measureText(name).width / 2;
        if (px < half || px > wide - half || py < 12 || py > high - 4) continue;
        if (taken.some(([a, b, h]) => Math.abs(a - px) < h + half + 6 && Math.abs(b - py) < 16)) continue;
        taken.push([px, py, half]);
        c.strokeStyle = "rgb(255 255 255 / 85%)";
        c.strokeText(name, px, py - 6);
        c.fillStyle = "#35424d";
        c.fillText(name, px, py - 6);
      }
    }

    function zoom(factor, px = wide / 2, py = high / 2) {
      const [, s, , n] = data.bounds;
      const next = Math.min(Math.max(scale * factor, (high / (n - s)) * 0.4), 2);
      const east = left + px / scale, north = top + (high - py) / scale;
      scale = next;
      left = east - px / scale;
      top = north - (high - py) / scale;
      draw();
    }
    function inside(area, east, north) {
      let hit = false;
      for (const ring of area.rings) {
        for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
          const [xi, yi, xj, yj] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
          if (yi > north !== yj > north && east < ((xj - xi) * (north - yi)) / (yj - yi) + xi) hit = !hit;
        }
      }
      return hit;
    }
    const middle = (area) => {
      const ring = area.rings[0] || [];
      let east = 0, north = 0;
      for (let i = 0; i < ring.length; i += 2) { east += ring[i]; north += ring[i + 1]; }
      return [(2 * east) / ring.length, (2 * north) / ring.length];
    };
    function click(px, py, within = 14) {
      const east = left + px / scale, north = top + (high - py) / scale;
      if (mode === "areas") {
        const area = data.areas.filter((a) => a.kind === "area").find((a) => inside(a, east, north));
        if (area) box.dispatchEvent(new CustomEvent("pick", { detail: { area: area.id } }));
        return;
      }
      let best = nearest(east, north, (within / scale) ** 2, () => true);
      const hamlet = best < 0 && data.areas ? data.areas.findIndex((a) => a.kind === "area" && inside(a, east, north)) : -1;
      if (hamlet >= 0) best = nearest(east, north, Infinity, (i) => data.premises.area?.[i] === hamlet);
      if (best >= 0) choose(best, false);
    }
    function nearest(east, north, within, counts) {
      let best = -1;
      data.premises.x.forEach((x, i) => {
        const d = (x - east) ** 2 + (data.premises.y[i] - north) ** 2;
        if (d < within && counts(i)) { within = d; best = i; }
      });
      return best;
    }
    function choose(i, centre) {
      chosen = i;
      const area = data.areas[data.premises.area?.[i] ?? -1];
      chosenArea = area?.id || "";
      if (centre) {
        scale = Math.max(scale, 0.05);
        left = data.premises.x[i] - wide / 2 / scale;
        top = data.premises.y[i] - high / 2 / scale;
      }
      draw();
      box.dispatchEvent(new CustomEvent("pick", { detail: { premises: i, area: chosenArea } }));
    }

    button("+", words.zoom_in, () => zoom(1.5));
    button("−", words.zoom_out, () => zoom(1 / 1.5));
    button("⤢", words.whole, () => { fit(); draw(); });
    if (mode === "areas") {
      const toggle = button("▭", words.draw, () => {
        drawMode = !drawMode;
        toggle.setAttribute("aria-pressed", String(drawMode));
        canvas.classList.toggle("drawing", drawMode);
      });
      toggle.setAttribute("aria-pressed", "false");
    }
    let from = null, moved = false;
    const fingers = new Map();
    const apart = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
      from = fingers.size > 1 ? null : [event.offsetX, event.offsetY, left, top];
      moved = false;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (fingers.size === 2 && fingers.has(event.pointerId)) {
        const before = apart();
        fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
        const [a, b] = [...fingers.values()];
        drawing = null;
        if (before > 0) zoom(apart() / before, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
        return;
      }
      if (!from) return;
      const dx = event.offsetX - from[0], dy = event.offsetY - from[1];
      if (Math.hypot(dx, dy) > 4) moved = true;
      if (!moved) return;
      if (drawMode) drawing = [from[0], from[1], dx, dy];
      else { left = from[2] - dx / scale; top = from[3] + dy / scale; }
      draw();
    });
    canvas.addEventListener("pointercancel", (event) => { fingers.delete(event.pointerId); from = drawing = null; });
    canvas.addEventListener("pointerup", (event) => {
      fingers.delete(event.pointerId);
      if (from && !moved) click(event.offsetX, event.offsetY);
      if (drawing) {
        const [ax, ay, dx, dy] = drawing;
        const [west, east] = [ax, ax + dx].sort((a, b) => a - b).map((v) => left + v / scale);
        const [south, north] = [ay, ay + dy].map((v) => top + (high - v) / scale).sort((a, b) => a - b);
        const areas = data.areas.filter((a) => a.kind === "area").filter((a) => {
          const [e, n] = middle(a);
          return e > west && e < east && n > south && n < north;
        }).map((a) => a.id);
        drawing = null;
        draw();
        box.dispatchEvent(new CustomEvent("drawn", { detail: { areas } }));
      }
      from = null;
    });
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX, event.offsetY); }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const step = 60 / scale, moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (moves[event.key]) { left += moves[event.key][0]; top += moves[event.key][1]; draw(); }
      else if (event.key === "+") zoom(1.5);
      else if (event.key === "-") zoom(1 / 1.5);
      else if (event.key === "Enter") click(wide / 2, high / 2, Infinity);
      else return;
      event.preventDefault();
    });
    for (const name of ["focus", "blur"]) canvas.addEventListener(name, draw);
    box.addEventListener("marks", (event) => { marks = event.detail; draw(); });
    new ResizeObserver(size).observe(box);
    legend();
    box.dispatchEvent(new CustomEvent("ready"));
    if (mode === "why") ask(box, data, choose);

    function legend() {
      const list = box.appendChild(document.createElement("ul"));
      list.className = "key";
      const entry = (colour, text, { square = false, ring = false, dashed = false } = {}) => {
        const line = list.appendChild(document.createElement("li"));
        const dot = line.appendChild(document.createElement("canvas"));
        dot.width = dot.height = 14;
        const c = dot.getContext("2d");
        c.fillStyle = colour;
        c.strokeStyle = dashed ? "#18222c" : colour;
        c.lineWidth = 1.5;
        if (dashed) c.setLineDash([3, 2]);
        if (square) { c.fillRect(1, 1, 12, 12); c.strokeRect(1, 1, 12, 12); }
        else { c.arc(7, 7, ring ? 4.5 : 5.5, 0, 7); if (ring) c.stroke(); else c.fill(); }
        line.append(text);
      };
      if (mode !== "areas") {
        const present = new Set(data.premises.state);
        STATES.forEach((name, i) => { if (present.has(i)) entry(COLOURS[name], words[`state_${name}`], { square: i === 2, ring: i === HOLIDAY }); });
      }
      if (mode === "coverage") return;
      years.forEach((year) => entry(yearColour(year), fill(words.built_in, { year }), { square: true }));
      entry(NOT_BUILT, words.not_built, { square: true });
      if (mode !== "areas") return;
      entry(MUST, words.must, { square: true });
      entry("#ffffff", words.must_not, { square: true, dashed: true });
    }
  }

  // «Hvorfor ikke min grend?»: an address is pointed at or searched for, and the plan answers.
  function ask(box, data, choose) {
    const place = document.getElementById("answer"), words = JSON.parse(place.dataset.words);
    const search = document.getElementById("address"), hits = document.getElementById("hits");
    const { address, postplace, state, reason, area, not_reached: notReached } = data.premises;
    const fold = address.map((text, i) => `${text} ${postplace[i]}`.toLocaleLowerCase("nb"));
    const add = (tag, text, className = "") => place.appendChild(Object.assign(document.createElement(tag), { textContent: text, className }));
    let asked = 0;
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLocaleLowerCase("nb");
      hits.textContent = "";
      const found = wanted.length < 2 ? [] : fold.flatMap((text, i) => (text.includes(wanted) ? [i] : []));
      for (const i of found.slice(0, SHOWN_HITS)) {
        const hit = hits.appendChild(document.createElement("li")).appendChild(document.createElement("button"));
        hit.type = "button";
        hit.textContent = `${address[i]}, ${postplace[i]}`;
        hit.addEventListener("click", () => { hits.hidden = true; search.value = hit.textContent; choose(i, true); });
      }
      const rest = found.length ? fill(words.more_hits, { count: found.length - SHOWN_HITS }) : words.no_hits;
      if (found.length > SHOWN_HITS || !found.length) hits.append(Object.assign(document.createElement("li"), { className: "note", textContent: rest }));
      hits.hidden = wanted.length < 2;
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") hits.querySelector("button")?.click(); });
    box.addEventListener("pick", async (event) => {
      const mine = ++asked, i = event.detail.premises, where = data.areas[area[i]];
      place.textContent = "";
      add("h2", `${address[i]}${postplace[i] ? `, ${postplace[i]}` : ""}`);
      const year = where?.year;
      const verdict = state[i] === 0 ? words.served : state[i] === 3 ? fill(words.built, { year })
        : state[i] === 2 ? words.planned : where ? fill(words.not_built, { area: where.name }) : words.outside;
      add("p", verdict, "verdict");
      add("p", reason[i], "note");
      if (!where && notReached[i]) add("p", notReached[i], "note");
      if (!where || state[i] === 0 || state[i] === 3) return;
      const waiting = add("p", words.asking, "note");
      try {
        const answer = await fetch(place.dataset.address + encodeURIComponent(where.id), { headers: { Accept: "application/json" } });
        const said = await answer.json();
        if (mine !== asked) return;
        waiting.remove();
        const list = place.appendChild(document.createElement("ul"));
        list.className = "why";
        for (const line of said.lines?.slice(1) || [said.sentence]) {
          list.appendChild(document.createElement("li")).textContent = line;
        }
      } catch {
        waiting.textContent = words.failed;
      }
    });
  }

  for (const box of document.querySelectorAll(".picture")) start(box);
})();
