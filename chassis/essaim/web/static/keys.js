// Keys by themselves: search, move in a list, and say what they do. Who needs them off, puts them off.
"use strict";

(() => {
  const OFF = "essaim:keys-off";
  const isTyping = (target) => target.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");

  // Whether a key is for the page: nobody is typing, and nothing is open over it.
  window.essaimKeys = (event) =>
    !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented
    && !isTyping(event.target) && !document.querySelector("dialog[open]") && !localStorage.getItem(OFF);

  function move(step) {
    const links = [...document.querySelectorAll("table.list tbody tr")]
      .map((row) => row.querySelector("a[href]")).filter(Boolean);
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step];
    next?.focus();
    return Boolean(next);
  }

  function search() {
    const field = document.querySelector("form.filters :is(input[type=search], select)");
    field?.focus();
    return Boolean(field);
  }

  function explain() {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.append(document.getElementById("keys").content.cloneNode(true));
    document.body.append(dialog);
    const on = dialog.querySelector("#keys-on");
    on.checked = !localStorage.getItem(OFF);
    on.addEventListener("change", () => {
      if (on.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    dialog.querySelector("[data-close]").focus();
    return true;
  }

  const acts = { "/": search, j: () => move(1), k: () => move(-1), "?": explain };
  document.addEventListener("keydown", (event) => {
    if (window.essaimKeys(event) && acts[event.key]?.()) event.preventDefault();
  });

  const button = document.getElementById("about-keys");
  if (button && matchMedia("(hover: hover)").matches) {
    button.hidden = false;
    button.addEventListener("click", explain);
  }
})();
