// What the grid of a committee member gains with JavaScript: digits score, Ctrl + Enter goes on.
"use strict";

(() => {
  const form = document.getElementById("scores");
  if (!form) return;
  const scales = [...form.querySelectorAll(".points")];
  const radios = (scale) => [...scale.querySelectorAll("input[type=radio]")];
  const isGiven = (scale) => radios(scale).some((one) => one.checked);

  // The scale she is in, or the first that has no points yet.
  function current() {
    const inside = document.activeElement?.closest?.(".points");
    return inside && form.contains(inside) ? inside : scales.find((one) => !isGiven(one));
  }

  function moveOn(scale) {
    const next = scales[scales.indexOf(scale) + 1];
    const place = next
      ? next.querySelector("input:checked") ?? next.querySelector("input")
      : form.querySelector("button[value=next]");
    place?.focus();
  }

  function give(digit) {
    const scale = current();
    const chosen = scale && radios(scale).find((one) => one.value === digit);
    if (!chosen) return false;
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    moveOn(scale);
    return true;
  }

  const isTyping = (target) => target.matches("textarea, input:not([type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=next]"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (/^[0-9]$/.test(event.key) && give(event.key)) event.preventDefault();
  });

  // On the train the network comes and goes: what could not be saved is sent once it is back.
  let unsaved = false;
  document.addEventListener("htmx:sendError", () => { unsaved = true; });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) unsaved = false;
  });
  addEventListener("online", () => {
    if (unsaved) document.getElementById("scored").dispatchEvent(new Event("again"));
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  form.addEventListener("submit", () => { unsaved = false; });
})();
