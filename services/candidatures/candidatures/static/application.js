// What the form of a call gains with JavaScript. Without it every button saves, files too.
"use strict";

(() => {
  const form = document.getElementById("application");
  if (!form) return;
  const words = form.dataset;
  const language = document.documentElement.lang;
  const written = (number) => new Intl.NumberFormat(language).format(number);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // --- saved before she leaves, by whichever way

  // She may have typed before this script came, or the browser have put back what she typed.
  let saved = [...form.elements].some(differs) ? null : snapshot();
  let leaving = false;

  function differs(field) {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      const given = [...field.options].findIndex((one) => one.defaultSelected);
      return field.selectedIndex !== Math.max(0, given);
    }
    const isText = field.tagName === "TEXTAREA" || ["text", "email", "tel", "date"].includes(field.type);
    return isText && field.value !== field.defaultValue;
  }

  function texts() {
    const body = new FormData(form);
    for (const [name, value] of [...body]) {
      if (value instanceof File) body.delete(name);
    }
    body.delete("command_key");
    return body;
  }

  function snapshot() {
    const body = texts();
    body.delete("csrf_token");
    body.delete("version");
    return new URLSearchParams(body).toString();
  }

  // Words that were refused are hers to settle: they are not saved over others behind her back.
  const asks = "asks" in words;
  const isUnsaved = () => !leaving && (asks || snapshot() !== saved);
  const holdsFiles = () => [...form.querySelectorAll("input[type=file]")].some((one) => one.files.length);

  // A page on its way out may send this much; more waits for an answer, or asks her to stay.
  const MOST_ON_LEAVING = 60000;

  async function flush(keepalive) {
    if (asks) return false;
    const body = texts();
    const now = snapshot();
    const size = new URLSearchParams(body).toString().length;
    if (keepalive && size > MOST_ON_LEAVING) return false;
    const answer = await fetch(words.autosave, { method: "POST", body: new URLSearchParams(body), keepalive });
    if (!answer.ok) return false;
    saved = now;
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return true;
  }

  // Go on once all is saved; where it cannot be, the browser asks her whether to leave.
  function afterSaving(goOn) {
    flush(false).catch(() => false).then(goOn);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !isUnsaved() || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.target) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    afterSaving(() => { location.href = link.href; });
  });

  document.addEventListener("submit", (event) => {
    if (event.target === form) {
      leaving = true;
      return;
    }
    if (!isUnsaved()) return;
    event.preventDefault();
    const { target, submitter } = event;
    afterSaving(() => target.requestSubmit(submitter));
  });

  addEventListener("pagehide", () => {
    if (isUnsaved()) flush(true).catch(() => {});
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && isUnsaved()) flush(true).catch(() => {});
  });
  addEventListener("pageshow", () => {
    leaving = false;
    if (!asks && isUnsaved()) form.dispatchEvent(new Event("change"));
  });
  addEventListener("beforeunload", (event) => {
    const tooMuch = isUnsaved() && new URLSearchParams(texts()).toString().length > MOST_ON_LEAVING;
    const refused = asks || document.querySelector("#saved .field-error") || !navigator.onLine;
    if (tooMuch || (isUnsaved() && refused) || (!leaving && holdsFiles())) event.preventDefault();
  });

  // --- questions that an earlier answer asks

  const given = (block) => [...block.querySelectorAll("select, input:checked")].map((one) => one.value);

  function ask() {
    const answers = new Map();
    for (const block of form.querySelectorAll("[data-question]")) {
      const when = Object.entries(JSON.parse(block.dataset.when ?? "{}"));
      const isAsked = when.every(([code, wanted]) => answers.get(code)?.some((one) => wanted.includes(one)));
      block.hidden = !isAsked;
      if (isAsked) answers.set(block.dataset.question, given(block));
    }
  }

  form.addEventListener("change", ask);
  addEventListener("pageshow", ask);
  ask();

  // --- what the autosave answers

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id !== "saved") return;
    event.detail.parameters.typing = document.activeElement?.name ?? "";
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "saved") event.detail.elt.sent = snapshot();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "saved") return;
    if (event.detail.successful) saved = event.detail.elt.sent;
    take(document);
  });

  function take(page) {
    const answered = page.getElementById("still-wrong");
    if (!answered) return;
    renew(answered.dataset.token);
    const wrong = new Map([...answered.children].map((one) => [one.dataset.field, one]));
    form.querySelectorAll(".field").forEach((block) => mark(block, wrong));
    forgetMended(wrong);
  }

  // The cookie that a form's token goes with may have died: the answer brings a new one.
  function renew(token) {
    document.querySelectorAll("input[name=csrf_token]").forEach((one) => { one.value = token; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": token }));
  }

  const nameOf = (block) => block.querySelector("[name]")?.name ?? "";

  // A mended field loses its mark; one that is filled and wrong gets a word, but not while she types.
  function mark(block, wrong) {
    const name = nameOf(block);
    const one = wrong.get(name);
    if (!one && block.classList.contains("invalid")) mend(block, name);
    const told = one && one.dataset.code !== "missing" && one.dataset.code !== "document_missing";
    const typing = block.contains(document.activeElement);
    note(block, name, told && !typing && !block.classList.contains("invalid") ? one.textContent : "");
  }

  function mend(block, name) {
    block.classList.remove("invalid");
    document.getElementById(`error-${name}`)?.remove();
    const field = document.getElementById(`field-${name}`);
    field?.removeAttribute("aria-invalid");
    describe(field, `error-${name}`, false);
  }

  function note(block, name, text) {
    let line = block.querySelector(".field-note");
    if (!text) {
      if (line) describe(document.getElementById(`field-${name}`), line.id, false);
      line?.remove();
      return;
    }
    if (!line) {
      line = document.createElement("p");
      line.className = "field-note";
      line.id = `note-${name}`;
      block.append(line);
      describe(document.getElementById(`field-${name}`), line.id, true);
    }
    line.textContent = text;
  }

  function describe(field, id, added) {
    if (!field) return;
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    if (added) ids.push(id);
    if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
    else field.removeAttribute("aria-describedby");
  }

  function forgetMended(wrong) {
    const summary = document.getElementById("errors");
    summary?.querySelectorAll("a[href^='#field-']").forEach((link) => {
      const name = decodeURIComponent(link.hash).slice("#field-".length);
      const field = document.getElementById(`field-${name}`);
      if (field && !wrong.has(name) && !field.closest(".invalid")) link.closest("li").remove();
    });
    if (summary && !summary.querySelector("li")) summary.remove();
  }

  // --- counted while she types

  function count(field) {
    const most = Number(field.dataset.most);
    const length = [...field.value.normalize("NFC").trim()].length;
    const line = counterOf(field);
    const over = length - most;
    const values = { count: written(length), most: written(most), over: written(over) };
    line.textContent = filled(over > 0 ? words.over : words.left, values);
    line.classList.toggle("over", over > 0);
    line.hidden = field.tagName !== "TEXTAREA" && length < most * 0.8;
  }

  function counterOf(field) {
    const id = `count-${field.name}`;
    const known = document.getElementById(id);
    if (known) return known;
    const line = document.createElement("p");
    line.className = "counter hint";
    line.id = id;
    field.after(line);
    describe(field, id, true);
    return line;
  }

  form.querySelectorAll("[data-most]").forEach(count);
  form.addEventListener("input", (event) => {
    if (event.target.dataset.most) count(event.target);
  });

  // --- a file too large is told before it is sent

  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.files.length) return;
    const limit = Number(input.dataset.megabytes);
    const file = input.files[0];
    const isTooLarge = file.size > limit * 1e6;
    const values = { name: file.name, size: written(Math.ceil(file.size / 1e5) / 10), limit: written(limit) };
    note(input.closest(".field"), input.name, isTooLarge ? filled(words.large, values) : "");
    if (isTooLarge) input.value = "";
  });
})();
