// The form is judged by the server as she types; years and sums follow what she writes.
"use strict";
(() => {
  const form = document.getElementById("scenario");
  const verdict = document.getElementById("verdict");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  let waiting = 0, asked = 0;

  async function check() {
    const mine = ++asked;
    let answer = null;
    try {
      answer = await fetch(form.dataset.check, {
        method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)),
      });
    } catch {
      verdict.textContent = verdict.dataset.lost;
      verdict.classList.add("bad");
    }
    if (mine !== asked || !answer?.ok) return;
    const { faults } = await answer.json();
    const byField = new Map();
    for (const fault of faults) byField.set(fault.field, [...(byField.get(fault.field) || []), fault.sentence]);
    for (const place of form.querySelectorAll("[data-fault]")) {
      const sentences = byField.get(place.dataset.fault) || [];
      const text = [...new Set(sentences)].join(" ");
      if (place.textContent !== text) place.textContent = text;
      const box = place.closest(".field");
      if (!box) continue;
      box.classList.toggle("at-fault", sentences.length > 0);
      for (const input of box.querySelectorAll("input, select")) {
        if (sentences.length) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    }
    const labels = JSON.parse(verdict.dataset.labels);
    const first = faults[0] && `${labels[faults[0].field] || faults[0].path}: ${faults[0].sentence}`;
    const text = !faults.length ? verdict.dataset.good
      : `${fill(faults.length === 1 ? verdict.dataset.one : verdict.dataset.bad, { count: faults.length })} ${first}`;
    if (verdict.textContent !== text) verdict.textContent = text;
    verdict.classList.toggle("bad", faults.length > 0);
  }

  function years() {
    const series = form.querySelector('[data-series="rollout.annual_grant_nok"]');
    const first = Number(form.elements["rollout.first_year"].value.replace(/\s/g, ""));
    const boxes = [...series.querySelectorAll(".unit-box")];
    boxes.forEach((box, i) => {
      let year = box.querySelector(".year");
      if (!year) {
        year = document.createElement("span");
        year.className = "year";
        year.setAttribute("aria-hidden", "true");
        box.prepend(year);
      }
      year.textContent = first ? first + i : i + 1;
      box.querySelector("input").setAttribute("aria-label", `${series.closest("fieldset").querySelector("legend").textContent} ${year.textContent}`);
    });
    const inputs = boxes.map((box) => box.querySelector("input"));
    const last = inputs[inputs.length - 1];
    if (last.value.trim() && inputs.length < 30) {
      const copy = last.closest(".unit-box").cloneNode(true);
      copy.querySelector("input").value = "";
      series.append(copy);
      years();
      return;
    }
    const numbers = inputs.map((i) => i.value.replace(/\s/g, "").replace(",", ".")).filter(Boolean).map(Number);
    const sum = numbers.reduce((a, b) => a + b, 0);
    const place = document.getElementById("sum");
    place.textContent = Number.isFinite(sum) && first
      ? fill(numbers.length === 1 ? place.dataset.one : place.dataset.text, { count: numbers.length, first, last: first + Math.max(numbers.length, 1) - 1, sum: sum.toLocaleString("nb-NO", { maximumFractionDigits: 1 }) }) : "";
  }

  const exclusive = (tick) => {
    if (!tick.checked || tick.type !== "checkbox") return;
    for (const other of tick.closest("tr")?.querySelectorAll("input[type=checkbox]") || []) if (other !== tick) other.checked = false;
  };
  const boxes = (area) => document.querySelectorAll(`#areas tr[data-area="${CSS.escape(area)}"] input`);

  const pick = document.getElementById("pick");
  const marks = () => {
    const given = new Map();
    for (const tick of form.querySelectorAll("#areas input:checked")) given.set(tick.value, tick.name.endsWith("must_build") && !tick.name.endsWith("must_not_build") ? "must" : "not");
    pick?.dispatchEvent(new CustomEvent("marks", { detail: given }));
  };
  pick?.addEventListener("pick", (event) => {
    const [must, not] = boxes(event.detail.area);
    if (!must) return;
    const next = must.checked ? "not" : not.checked ? "" : "must";
    must.checked = next === "must";
    not.checked = next === "not";
    const row = must.closest("tr"), said = document.getElementById("picked");
    said.textContent = `${row.querySelector("th").textContent.trim()}: ${said.dataset[next || "free"]}`;
    row.parentElement.closest(".scroll").scrollTop = row.offsetTop - row.offsetHeight;
    changed();
  });
  pick?.addEventListener("drawn", (event) => {
    for (const area of event.detail.areas) {
      const [must, not] = boxes(area);
      if (must) { must.checked = true; not.checked = false; }
    }
    changed();
  });
  pick?.addEventListener("ready", marks);

  document.getElementById("filter")?.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLocaleLowerCase("nb");
    for (const row of document.querySelectorAll("#areas tbody tr")) row.hidden = wanted !== "" && !row.textContent.toLocaleLowerCase("nb").includes(wanted);
    event.stopPropagation();
  });

  function changed() {
    years();
    marks();
    clearTimeout(waiting);
    waiting = setTimeout(check, 250);
  }
  // Enter in a box would press the first button of the form; here a button must be chosen.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
  form.addEventListener("input", (event) => { exclusive(event.target); changed(); });
  changed();
  if (!form.elements.name.value) clearTimeout(waiting);  // a new form is judged when she writes
})();
