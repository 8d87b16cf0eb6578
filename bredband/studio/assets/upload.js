// Files dropped on the page go one by one to the server, which says what each of them is.
"use strict";
(() => {
  const drop = document.getElementById("drop");
  if (!drop) return;
  const words = JSON.parse(drop.dataset.words), sources = JSON.parse(drop.dataset.sources);
  const list = document.getElementById("taken");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  async function take(file) {
    const line = list.appendChild(document.createElement("li"));
    line.textContent = fill(words.taking, { file: file.name });
    try {
      const answer = await fetch(`${drop.dataset.address}?navn=${encodeURIComponent(file.name)}`,
        { method: "PUT", body: file, headers: { Accept: "application/json" } });
      const said = await answer.json();
      const kind = sources[said.source];
      line.className = answer.ok ? (kind ? "good" : "unsure") : "bad";
      line.textContent = !answer.ok ? `${file.name}: ${said.sentence} ${said.advice}`
        : fill(kind ? words.took : words.unknown, { file: file.name, kind });
      return answer.ok;
    } catch {
      line.className = "bad";
      line.textContent = fill(words.failed, { file: file.name });
      return false;
    }
  }

  async function takeAll(files) {
    let good = true;
    for (const file of files) good = (await take(file)) && good;
    if (good && files.length) location.reload();
  }

  document.getElementById("choose").addEventListener("change", (event) => takeAll([...event.target.files]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    takeAll([...event.dataTransfer.files]);
  });
})();
