// How a run goes, as the server tells it. When it is over the page is read again.
"use strict";
(() => {
  const box = document.getElementById("run");
  if (!box) return;
  const words = JSON.parse(box.dataset.words), names = JSON.parse(box.dataset.steps);
  const step = document.getElementById("run-step"), time = document.getElementById("run-time");
  const bar = document.getElementById("run-bar"), said = document.getElementById("run-said");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const clock = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };
  const events = new EventSource(box.dataset.events);
  events.onmessage = (event) => {
    const status = JSON.parse(event.data);
    if (!["queued", "running"].includes(status.state)) {
      events.close();
      location.reload();
      return;
    }
    if (status.state === "queued") {
      if (status.ahead) time.textContent = fill(words.ahead, { count: status.ahead });
      return;
    }
    const count = status.steps.length;
    const name = count ? status.steps[count - 1][0] : "";
    const shown = names[name] || name || step.textContent;
    if (step.textContent !== shown) {
      step.textContent = shown;
      said.textContent = shown;
    }
    const place = status.step_count > 1 ? fill(words.steps, { at: count, count: status.step_count }) + " · " : "";
    const rest = status.left_s === null || status.left_s === undefined
      ? words.unknown : fill(words.left, { time: clock(status.left_s) });
    time.textContent = `${place}${fill(words.elapsed, { time: clock(status.elapsed_s) })} · ${rest}`;
    const whole = status.elapsed_s + status.left_s;
    if (status.left_s != null && whole > 0) bar.value = Math.min(99, (100 * status.elapsed_s) / whole);
    else bar.removeAttribute("value");
  };
  events.onerror = () => { time.textContent = words.lost; };
})();
