/* The suggestions below the search box: arrow keys walk through them, Escape and a click elsewhere
   close them. Fetching them is htmx's work; without both, the box leads to the page of results. */
(function () {
  "use strict";

  const box = document.querySelector(".crm-searchbox");
  if (!box) return;
  const input = box.querySelector("input[type=search]");
  const list = box.querySelector(".crm-suggestions");

  function close() {
    list.replaceChildren();
  }

  function move(step) {
    const stops = [input, ...list.querySelectorAll("a")];
    const place = stops.indexOf(document.activeElement);
    stops[(place + step + stops.length) % stops.length].focus();
  }

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && list.firstElementChild) {
      event.preventDefault();
      close();
      input.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!list.firstElementChild) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close();
  });

  /* Whoever was signed out meanwhile sees no login page below the box, but at the next "Search". */
  box.addEventListener("htmx:beforeSwap", (event) => {
    const { isError, pathInfo } = event.detail;
    const isElsewhere = pathInfo.responsePath && pathInfo.responsePath !== pathInfo.finalRequestPath;
    if (!isError && !isElsewhere) return;
    event.detail.shouldSwap = false;
    close();
  });
})();
