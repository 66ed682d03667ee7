// What the grid of a committee member gains with JavaScript: keys score, and what could not be
// sent is kept on this device, for her alone, and sent once the network is back.
"use strict";

(() => {
  const PREFIX = "essaim:kept:";
  const person = document.body.dataset.person;
  const form = document.getElementById("scores");
  const words = document.getElementById("kept-words")?.dataset;
  if (!person || !words) return;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const time = () => new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
  const keyOf = (address) => `${PREFIX}${person}:${address}`;
  const mine = () => Object.keys(localStorage).filter((key) => key.startsWith(keyOf("")));
  const isSaved = (html) => html.includes("data-saved");

  function tell(text) {
    let line = document.getElementById("kept");
    if (!line) {
      line = document.createElement("p");
      line.id = "kept";
      line.className = "notice info";
      document.getElementById("messages").append(line);
    }
    line.textContent = text;
  }

  // --- what other pages kept is sent from here

  async function send(key) {
    const { address, title, fields } = JSON.parse(localStorage.getItem(key));
    const body = new URLSearchParams(fields);
    const { "X-CSRF-Token": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    const headers = { "X-CSRF-Token": token, "HX-Request": "true" };
    const answer = await fetch(address, { method: "POST", body, headers });
    if (answer.ok && isSaved(await answer.text())) {
      localStorage.removeItem(key);
      return true;
    }
    // What was refused is hers to settle, in its own page.
    if (answer.ok) tell(filled(words.waits, { title }));
    return false;
  }

  async function sendOthers() {
    const others = mine().filter((key) => !form || key !== keyOf(form.getAttribute("action")));
    const sent = await Promise.all(others.map((key) => send(key).catch(() => false)));
    const count = sent.filter(Boolean).length;
    if (count) tell(filled(words.sent, { count }));
  }

  addEventListener("online", sendOthers);
  sendOthers();
  if (!form) return;

  // --- what stands in this grid is kept until it is saved

  const key = keyOf(form.getAttribute("action"));
  const scored = document.getElementById("scored");
  let over = false;
  document.body.dataset.offline = words.offline;
  document.body.dataset.signedOut = words.signedOut;

  function fields() {
    const apart = ["csrf_token", "command_key"];
    return [...new FormData(form)].filter(([name]) => !apart.includes(name));
  }

  // What was sent may be older than what stands here by the time its answer comes.
  const snapshot = () => JSON.stringify(fields().filter(([name]) => !/^(seen|mark)-/.test(name)));

  function keep() {
    if (over) return;
    const title = document.querySelector("h1").textContent.trim();
    const kept = { address: form.getAttribute("action"), title, fields: fields() };
    localStorage.setItem(key, JSON.stringify(kept));
  }

  function restore() {
    const kept = JSON.parse(localStorage.getItem(key));
    if (!kept) return;
    // What was refused came back with what is saved beside it: that is what she sees now.
    if (document.getElementById("errors")) {
      keep();
      return;
    }
    const values = new Map(kept.fields);
    for (const field of form.elements) {
      if (!field.name || field.name === "csrf_token" || field.name === "command_key") continue;
      if (field.type === "radio") field.checked = values.get(field.name) === field.value;
      else if (field.type === "checkbox") field.checked = values.has(field.name);
      else if (values.has(field.name)) field.value = values.get(field.name);
      if (field.value && field.tagName === "TEXTAREA") field.closest("details").open = true;
    }
    addEventListener("load", again);
  }

  const again = () => { if (localStorage.getItem(key)) htmx.trigger(scored, "again"); };
  let sending = null;
  form.addEventListener("change", keep);
  form.addEventListener("input", keep);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === scored) sending = snapshot();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== scored) return;
    const answer = event.detail.xhr;
    if (event.detail.successful && isSaved(answer.responseText)) {
      if (sending === snapshot()) localStorage.removeItem(key);
      document.getElementById("kept")?.remove();
    } else if (!event.detail.successful && localStorage.getItem(key)) {
      tell(filled(words.kept, { time: time() }));
    }
  });

  addEventListener("online", again);
  // A network that comes and goes does not always say so.
  setInterval(() => { if (document.getElementById("kept")) again(); }, 15000);
  // She signed out in another window: nothing is kept here any more.
  addEventListener("storage", (event) => {
    if (event.key !== "essaim:signed-out") return;
    over = true;
    location.reload();
  });

  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    tell(filled(words.kept, { time: time() }));
  });

  // --- keys

  const scales = [...form.querySelectorAll(".points")];
  const radios = (scale) => [...scale.querySelectorAll("input[type=radio]")];
  const number = (scale) => scale.querySelector("input[type=number]");
  const isGiven = (scale) => radios(scale).some((one) => one.checked) || Boolean(number(scale)?.value);

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

  function give(value) {
    const scale = current();
    const chosen = scale && radios(scale).find((one) => one.value === value);
    if (!chosen) return Boolean(scale && number(scale)?.focus());
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    moveOn(scale);
    return true;
  }

  function comment() {
    const box = (current() ?? scales.at(-1))?.querySelector("details");
    if (!box) return false;
    box.open = true;
    box.querySelector("textarea").focus();
    return true;
  }

  const keys = {
    x: () => give("none"),
    c: comment,
    n: () => { document.getElementById("pass").click(); return true; },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=next]"));
      return;
    }
    if (!window.essaimKeys?.(event)) return;
    const act = /^[0-9]$/.test(event.key) ? () => give(event.key) : keys[event.key];
    if (act?.()) event.preventDefault();
  });

  restore();
})();
