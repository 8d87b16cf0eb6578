// The years: a slider over the budgets, which plays.

const SECONDS_A_YEAR = 1.4;
const BAR_SHARE = 68; // per cent of the strip for the highest bar; the sum stands above it

function makeTimeline(app) {
  const { t } = app;
  const slider = byId("step");
  slider.max = app.model.years.length;
  slider.addEventListener("input", () => {
    stop();
    app.update({ step: Number(slider.value) });
  });
  let timer;
  const button = byId("play");
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    button.classList.remove("playing");
    button.setAttribute("aria-label", t("play"));
  };
  button.setAttribute("aria-label", t("play"));
  byId("columns").addEventListener("click", stop);
  button.addEventListener("click", () => {
    if (timer) return stop();
    const last = app.model.years.length;
    if (app.state.step === last) app.update({ step: 0 });
    button.classList.add("playing");
    button.setAttribute("aria-label", t("pause"));
    timer = setInterval(() => {
      app.update({ step: app.state.step + 1 });
      if (app.state.step === last) stop();
    }, 1000 * SECONDS_A_YEAR);
  });
}

function showTimeline(app) {
  const { t, model, state } = app;
  const { grant, served, households } = figures(model, state.kommune);
  const budget = model.meta.by_year.budget_nok;
  const county = state.kommune < 0;
  const most = Math.max(1, ...grant, ...(county ? budget : []));
  const colours = yearColours(model);
  const steps = [t("today"), ...model.years.map(String)];
  byId("columns").replaceChildren(...steps.map((label, k) => {
    const bar = element("span", { class: "budget" });
    if (k > 0) {
      const [framed, used] = [county ? budget[k - 1] : 0, grant[k - 1]].map((nok) => (BAR_SHARE * nok) / most);
      if (county) bar.append(element("span", { class: "frame", style: `height:${framed}%` }));
      bar.append(element("span", { class: "used", style: `height:${used}%;background:${colours[k - 1]}` }),
        element("span", { class: "sum", style: `bottom:${Math.max(framed, used)}%` }, t.decimal(grant[k - 1] / 1e6)));
    } else bar.append(element("span", { class: "unit" }, t("strip_unit")));
    return element("span", { class: `year${k === state.step ? " chosen" : ""}${k > state.step ? " ahead" : ""}`, onclick: () => app.update({ step: k }) },
      bar, element("span", { class: "label" }, label));
  }));
  const slider = byId("step");
  slider.value = state.step;
  slider.style.setProperty("--slots", steps.length);
  const share = t.share(served[state.step] / households);
  const text = state.step ? t("year_text", { year: steps[state.step], share }) : t("today_text", { share });
  slider.setAttribute("aria-valuetext", text);
  const lines = state.step
    ? [homesOf(t, served[state.step] - served[state.step - 1]),
      county ? spent(t, grant, budget, state.step, model.meta.carry_over) : t.mnok(grant[state.step - 1])]
    : [`${t.int(households - served[0])} ${lackToday(t, model, households - served[0])}`];
  byId("reading").replaceChildren(element("strong", {}, text), ...lines.map((line) => element("span", {}, line)));
}

const homesOf = (t, count) => t(count === 1 ? "year_homes_one" : "year_homes", { count: t.int(count) });

// Where money may be moved between years, a year's own budget says nothing: the sums so far do.
function spent(t, grant, budget, step, carriesOver) {
  const soFar = (list) => t.mnok(list.slice(0, step).reduce((sum, nok) => sum + nok, 0));
  const used = t.mnok(grant[step - 1]);
  return carriesOver ? t("year_money_so_far", { used, sum: soFar(grant), budget: soFar(budget) }) : t("year_money", { used, budget: t.mnok(budget[step - 1]) });
}
