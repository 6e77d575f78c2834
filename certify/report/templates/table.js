// The table of all theorems: sorted by its headers, filtered by the form above it.  Without this script it is just a table.
"use strict";
(() => {
  const table = document.getElementById("table");
  const form = document.querySelector("form.filter");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const place = Object.fromEntries(heads.map((head, k) => [head.textContent, k]));
  const rows = [...body.rows].map((row) => {
    const cells = [...row.cells].map((cell) => cell.textContent);
    return { row, cells, text: cells.join(" ").toLowerCase() };
  });

  const number = (text) => (text === "" ? Infinity : Number(text));
  const compare = { text: (a, b) => a.localeCompare(b, "en", { numeric: true }), number: (a, b) => number(a) - number(b) || 0 };

  function sort(k) {
    const up = heads[k].getAttribute("aria-sort") !== "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[k].setAttribute("aria-sort", up ? "ascending" : "descending");
    const order = compare[heads[k].dataset.type];
    rows.sort((a, b) => (up ? 1 : -1) * order(a.cells[k], b.cells[k]));
    body.append(...rows.map((item) => item.row));
  }

  function filter() {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = form.elements.kind.value;
    const sizes = [["K", form.elements.students.value], ["M", form.elements.teachers.value]].filter(([, value]) => value !== "");
    let shown = 0;
    for (const { row, cells, text } of rows) {
      const index = cells[place.index];
      const keep = words.every((word) => text.includes(word)) && sizes.every(([name, value]) => cells[place[name]] !== "" && Number(cells[place[name]]) === Number(value)) &&
        (kind === "" || (index !== "" && (index === "0") === (kind === "min")));
      row.hidden = !keep;
      shown += keep;
    }
    form.elements.count.value = `${shown} of ${rows.length}`;
  }

  heads.forEach((head, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(k));
    head.replaceChildren(button);
  });
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);  // some browsers say only this of a selection
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
})();
