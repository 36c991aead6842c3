/* Repeats the steps of a long run (orders, duplicates) until all are done. Without it, "Continue" does one. */
(function () {
  "use strict";

  const form = document.getElementById("crm-sync");
  if (!form || !window.fetch) return;

  const button = form.querySelector("button");
  const bar = form.querySelector("[role=progressbar]");
  const text = form.querySelector(".crm-sync-text");
  const trouble = form.querySelector(".crm-sync-trouble");
  let running = false; // steps are being made
  let wanted = false; // …and shall go on

  function tell(message) {
    trouble.textContent = message;
    trouble.hidden = !message;
  }

  function show(state) {
    bar.style.width = state.percent + "%";
    bar.setAttribute("aria-valuenow", state.percent);
    bar.textContent = state.percent + " %";
    text.textContent = state.text;
  }

  function rememberRun(run) {
    let field = form.elements.run;
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "run";
      form.append(field);
    }
    field.value = run;
  }

  async function step(isFirst) {
    const body = new FormData(form);
    if (isFirst) body.append("go", "1"); // somebody pressed the button, or has just begun
    const response = await fetch(form.action, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
      },
      credentials: "same-origin",
      body,
    });
    if (response.redirected || response.status === 403) throw new Error(form.dataset.signedOut);
    if (!response.ok) throw new Error(form.dataset.failed);
    return response.json();
  }

  async function run() {
    wanted = true;
    if (running) return;
    running = true;
    tell("");
    button.textContent = form.dataset.pause;
    try {
      let isFirst = true;
      while (wanted) {
        const state = await step(isFirst);
        isFirst = false;
        show(state);
        rememberRun(state.run);
        if (state.trouble) throw new Error(state.trouble);
        if (state.finished) {
          window.location.assign(state.page);
          return;
        }
        if (state.paused) break;
        if (state.wait) await pauseFor(state.wait); // a worker does the steps
      }
      tell(form.dataset.paused);
    } catch (error) {
      tell(error instanceof TypeError ? form.dataset.failed : error.message);
    }
    running = wanted = false;
    button.disabled = false;
    button.textContent = form.dataset.continue;
  }

  function pauseFor(seconds) {
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  function pause() {
    wanted = false;
    if (form.dataset.pauseUrl) {
      const body = new FormData(form);
      fetch(form.dataset.pauseUrl, { method: "POST", credentials: "same-origin", body });
    }
    button.disabled = true; // until the step under way has ended
    // A reload must not start again what was paused.
    const address = new URL(window.location);
    address.searchParams.delete("auto");
    window.history.replaceState(null, "", address);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running) pause();
    else run();
  });

  if ("startsItself" in form.dataset) run();
})();
