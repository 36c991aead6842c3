/* A contact's form shows the shop's partner for vendors only; without this script always. */
(function () {
  "use strict";

  const kind = document.getElementById("id_kind");
  const partner = document.getElementById("id_partner");
  if (!kind || !partner) return;
  const group = partner.closest(".form-group");

  function show() {
    group.hidden = kind.value !== "vendor";
  }

  // The dashboard's select boxes tell of a change by jQuery only.
  if (window.jQuery) window.jQuery(kind).on("change", show);
  else kind.addEventListener("change", show);
  show();
})();
