/* Small comforts on pages that work without them: copying codes, fresh relative times, asking before
   grave acts, sending once, and keeping barcode guns on target. No words live here: they come from the page. */

const root = document.documentElement;
root.classList.add("scripted");
const words = document.body.dataset;
const announce = (text) => { document.getElementById("announcer").textContent = text; };

/* ----- copy ----- */
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return selectText(button.previousElementSibling);
  }
  button.classList.add("is-copied");
  announce(words.textCopied);
  setTimeout(() => button.classList.remove("is-copied"), 2000);
}

function selectText(element) {
  getSelection().selectAllChildren(element);
}

/* ----- relative times: the same steps as components/times.html ----- */
function distance(seconds, [ahead, behind]) {
  const away = Math.abs(seconds), when = seconds > 0 ? ahead : behind;
  if (away < 60) return root.dataset.now;
  const [unit, size] = away < 5400 ? ["Minutes", 60] : away < 259200 ? ["Hours", 3600] : ["Days", 86400];
  return root.dataset[when + unit].replace("{n}", Math.floor(away / size));
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const kind = time.dataset.relative === "deadline" ? ["left", "over"] : ["future", "past"];
    const text = distance((Date.parse(time.dateTime) - serverNow()) / 1000, kind);
    if (time.textContent !== text) time.textContent = text;
  }
}

/* A phone's clock may be wrong; the page says what the server's was. */
const loadedAt = performance.now();
const servedAt = Date.parse(root.dataset.served) || Date.now();
const serverNow = () => servedAt + (performance.now() - loadedAt);

/* ----- ask once before a grave act: data-confirm on a form or its button ----- */
const confirmed = new WeakSet();

function ask(question, form, submitter) {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm-dialog";
  dialog.innerHTML = '<form method="dialog"><p id="confirm-question"></p><div class="form-actions">' +
    '<button value="yes" class="btn"></button><button value="" class="btn btn-quiet" autofocus></button></div></form>';
  dialog.setAttribute("aria-labelledby", "confirm-question");
  dialog.querySelector("p").textContent = question;
  const [yes, no] = dialog.querySelectorAll("button");
  yes.textContent = submitter?.textContent.trim() || words.textYes;
  yes.classList.add(submitter?.classList.contains("btn-danger") ? "btn-danger" : "btn-primary");
  no.textContent = words.textNo;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return submitter?.focus();
    confirmed.add(form);
    form.requestSubmit(submitter);
  });
  document.body.append(dialog);
  dialog.showModal();
}

/* ----- send once ----- */
const sending = new WeakSet();

function submitting(event) {
  const form = event.target, submitter = event.submitter;
  if (form.method === "dialog") return;
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !confirmed.delete(form)) {
    stop(event);
    return ask(question, form, submitter);
  }
  if (form.matches("[data-repeatable]") || form.method === "get") return;
  if (sending.has(form)) return stop(event);
  sending.add(form);
  mark(form, true);
  setTimeout(() => release(form), 10000);  // a download leaves the page standing
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function release(form) {
  sending.delete(form);
  mark(form, false);
}

function mark(form, busy) {
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/* ----- focus: problems first; else the field a barcode gun should hit, without raising a phone's keyboard ----- */
const byMouse = matchMedia("(hover: hover) and (pointer: fine)");

function placeFocus(within = document) {
  const told = within.querySelector("[data-error-summary], [data-receipt]");
  if (told?.matches("[data-error-summary]")) return told.focus();
  if (byMouse.matches) within.querySelector("[data-autofocus]")?.focus({ preventScroll: Boolean(told) });
}

/* A gun types into nothing: let its first key, and so all others, fall into the scan field. */
function catchGun(event) {
  const idle = document.activeElement === document.body || document.activeElement?.id === "main";
  const types = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (idle && types) document.querySelector("[data-gun]")?.focus();
}

/* ----- menus made of <details>: close on Escape and on a click elsewhere ----- */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  closeMenus(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    closeMenus(null);
    return menu?.querySelector("summary").focus();
  }
  catchGun(event);
});
document.addEventListener("submit", submitting, { capture: true });
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

/* ----- htmx: token on every write, and the same comforts in what it brings ----- */
const token = document.querySelector("meta[name=csrf-token]")?.content;
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get" && token) event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});
const failure = (text) => { document.getElementById("failure").textContent = text; };
document.addEventListener("htmx:beforeRequest", () => failure(""));
document.addEventListener("htmx:sendError", () => failure(words.textFailed));
document.addEventListener("htmx:responseError", () => failure(words.textFailed));
document.addEventListener("htmx:afterSettle", (event) => { refreshTimes(); placeFocus(event.target); });

placeFocus();
refreshTimes();
setInterval(refreshTimes, 30000);
