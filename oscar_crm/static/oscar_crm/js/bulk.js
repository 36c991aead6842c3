/* Ticking a whole page of a list at once, and telling how many rows are ticked. */
(function () {
  "use strict";

  const form = document.getElementById("crm-bulk");
  if (!form) return;

  const rows = [...document.querySelectorAll("input[name=ids][form=crm-bulk]")];
  const all = form.querySelector("input[name=all]");
  const label = form.querySelector("[data-tick-page]");
  const page = label.querySelector("input");
  const count = form.querySelector("[data-tick-count]");

  function tell() {
    const ticked = rows.filter((row) => row.checked).length;
    page.checked = ticked === rows.length;
    page.indeterminate = ticked > 0 && ticked < rows.length;
    count.textContent = form.dataset.ticked.replace("{count}", ticked);
  }

  page.addEventListener("change", () => {
    rows.forEach((row) => (row.checked = page.checked));
    tell();
  });
  all.addEventListener("change", () => {
    // Whoever ticks all of the list sees at once that this page is meant as well.
    if (all.checked) rows.forEach((row) => (row.checked = true));
    tell();
  });
  rows.forEach((row) =>
    row.addEventListener("change", () => {
      if (!row.checked) all.checked = false;
      tell();
    }),
  );
  label.hidden = false;
})();
