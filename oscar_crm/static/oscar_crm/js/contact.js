/* When a part of the page cannot be renewed (signed out, no longer allowed, gone, no connection),
   the same is asked for as a whole page, which says why. Nothing has been saved at that point. */
(function () {
  "use strict";

  function askForPage(element) {
    const form = element.closest("form");
    if (form) HTMLFormElement.prototype.submit.call(form);
    else window.location.assign(element.href);
  }

  /* Suggestions of the search box are only an offer: without them, nothing is amiss. */
  function isQuiet(element) {
    return element.closest("[data-crm-quiet]") !== null;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { isError, pathInfo, requestConfig } = event.detail;
    if (isQuiet(requestConfig.elt)) return;
    const isElsewhere = pathInfo.responsePath && pathInfo.responsePath !== pathInfo.finalRequestPath;
    if (!isError && !isElsewhere) return;
    event.detail.shouldSwap = false;
    askForPage(requestConfig.elt);
  });
  document.addEventListener("htmx:sendError", (event) => {
    const { elt } = event.detail.requestConfig;
    if (!isQuiet(elt)) askForPage(elt);
  });
})();
