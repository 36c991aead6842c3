/* Shows a tag as it will look while its name is typed and its colour chosen. Without it, the button
   "Preview" does. */
(function () {
  "use strict";

  const form = document.getElementById("crm-tag-form");
  if (!form) return;
  const tag = document.querySelector("#crm-tag-preview .crm-tag");
  const { name, other } = form.elements;
  const placeholder = name.value.trim() ? "" : tag.textContent;

  /* Black or white, as oscar_crm.models.tags.Tag.text_colour decides. */
  function textColour(colour) {
    const [red, green, blue] = [1, 3, 5].map((i) => {
      const part = parseInt(colour.slice(i, i + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
  }

  function show() {
    const chosen = form.elements.palette.value;
    const colour = chosen === "other" ? other.value : chosen;
    if (!/^#[0-9a-f]{6}$/i.test(colour)) return;
    tag.style.backgroundColor = colour;
    tag.style.color = textColour(colour);
    tag.textContent = name.value.trim() || placeholder;
  }

  other.addEventListener("input", () => {
    form.elements.palette.value = "other";
  });
  form.addEventListener("input", show);
})();
