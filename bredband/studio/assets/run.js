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
  function list(status) {
    const steps = status.steps.map(([name, seconds], i) => {
      const now = i === status.steps.length - 1;
      return [name, now ? clock(status.step_s) : clock(seconds), now ? "now" : "past"];
    }).concat((status.to_come || []).map((name) => [name, "", "next"]));
    const lines = steps.map(([name, time, kind]) => {
      const line = document.createElement("li");
      line.className = kind;
      line.append(names[name] || name, Object.assign(document.createElement("span"), { textContent: time }));
      return line;
    });
    document.getElementById("run-steps").replaceChildren(...lines);
  }
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
    const rest = status.left_s === null || status.left_s === undefined
      ? words.unknown : fill(words.left, { time: clock(status.left_s) });
    time.textContent = `${fill(words.elapsed, { time: clock(status.elapsed_s) })} · ${rest}`;
    list(status);
    const whole = status.elapsed_s + status.left_s;
    if (status.left_s != null && whole > 0) bar.value = Math.min(99, (100 * status.elapsed_s) / whole);
    else bar.removeAttribute("value");
  };
  events.onerror = () => { time.textContent = words.lost; };
})();
