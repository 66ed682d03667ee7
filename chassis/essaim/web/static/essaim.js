// What pages gain with JavaScript. Without it everything still works, one page at a time.
"use strict";

// Announce what went wrong with a request made in the background: nothing may be lost in silence.
function announce(text) {
  const messages = document.getElementById("messages");
  const known = [...messages.children].some((one) => one.textContent === text);
  if (known) return;
  const line = document.createElement("p");
  line.className = "notice danger announced";
  line.textContent = text;
  messages.append(line);
  line.scrollIntoView({ block: "nearest" });
}

function withdrawAnnouncements() {
  document.querySelectorAll("#messages .announced").forEach((line) => line.remove());
}

document.addEventListener("htmx:sendError", () => announce(document.body.dataset.offline));
document.addEventListener("htmx:timeout", () => announce(document.body.dataset.offline));
document.addEventListener("htmx:responseError", (event) => {
  const gone = [401, 403].includes(event.detail.xhr.status);
  announce(gone ? document.body.dataset.signedOut : document.body.dataset.failed);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) withdrawAnnouncements();
});

// What a page kept on this device is of one person: nothing of it is left once she signs out.
function forgetKept(of) {
  Object.keys(localStorage)
    .filter((key) => key.startsWith("essaim:kept:") && of(key))
    .forEach((key) => localStorage.removeItem(key));
}

document.addEventListener("submit", (event) => {
  if (!event.target.getAttribute("action")?.endsWith("/sign-out")) return;
  forgetKept(() => true);
  // Other windows of hers are told by the change itself.
  localStorage.setItem("essaim:signed-out", String(Date.now()));
  localStorage.removeItem("essaim:signed-out");
});

const { person } = document.body.dataset;
if (person) forgetKept((key) => !key.startsWith(`essaim:kept:${person}:`));

// A confirmation page opens as a dialog over the page it concerns.
async function openDialog(form) {
  const answer = await fetch(form.action);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const question = page.getElementById("confirmation");
  if (!answer.ok || !question) {
    window.location = form.action;
    return;
  }
  const dialog = document.createElement("dialog");
  const box = document.createElement("article");
  dialog.setAttribute("aria-labelledby", "confirmation-question");
  box.append(document.adoptNode(question));
  dialog.append(box);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    form.querySelector("button").focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-dialog-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.showModal();
  // Enter pressed too fast must change nothing.
  dialog.querySelector("[data-dialog-close]").focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-dialog]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  openDialog(form).catch(() => {
    window.location = form.action;
  });
});

// On a phone each row of a list is a card: name every cell after its column, and keep the table's
// roles, which browsers forget when cells are no longer displayed as cells.
function nameCells(table) {
  const titles = [...table.querySelectorAll("thead th")].map((head) => {
    const title = head.cloneNode(true);
    title.querySelectorAll("[aria-hidden]").forEach((mark) => mark.remove());
    return title.textContent.trim();
  });
  table.setAttribute("role", "table");
  table.querySelectorAll("thead, tbody").forEach((part) => part.setAttribute("role", "rowgroup"));
  table.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
  table.querySelectorAll("thead th").forEach((head) => head.setAttribute("role", "columnheader"));
  table.querySelectorAll("tbody tr").forEach((row) => {
    [...row.cells].forEach((cell, place) => {
      cell.setAttribute("role", "cell");
      cell.dataset.label = titles[place] ?? "";
    });
  });
  table.classList.add("as-cards");
}

function prepare(root) {
  root.querySelectorAll("table.list").forEach(nameCells);
}

document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
prepare(document);

// From the summary of errors to the field itself, ready to be corrected.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const place = link && document.getElementById(link.hash.slice(1));
  if (!place) return;
  event.preventDefault();
  place.scrollIntoView();
  const field = place.matches("fieldset") ? place.querySelector("input") : place;
  field.focus({ preventScroll: true });
});

// A form that came back with errors: go to their summary.
document.getElementById("errors")?.focus();
