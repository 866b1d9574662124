// The moderation desk: its keys, its lease, and word of what changed meanwhile. All of it can be
// done by buttons as well.
import { say } from "./live.js";

const ASK_MS = 10_000;
const HOLD_MS = 5 * 60_000;
const REMEMBERED = "copydesk_desk_keys";

/** @type {Record<string, (page: HTMLElement | null) => boolean>} */
const KEYS = {
  f: () => press("fine"),
  e: () => press("needs_edit"),
  x: () => press("escalate"),
  k: () => press("upheld"),
  a: () => openAppeal(),
  n: () => focusOn("only-note"),
  r: () => lookAgain(),
  u: () => send("u"),
  l: () => send("l"),
  t: () => send("t"),
  "?": () => openKeys(),
};

bindKeys();
bindVerdict();
bindPrint();
bindSwitch();
watch();

function bindKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = event.target;
    if (inside instanceof HTMLElement && inside.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") inside.blur();
      if (event.key === "Enter" && inside.id === "reason") leaveReason(inside);
      return;
    }
    if (!keysOn()) return;
    const act = KEYS[event.key.toLowerCase()];
    const done = /^[1-9]$/.test(event.key) ? pick(Number(event.key)) : act?.(desk());
    if (done) event.preventDefault();
  });
}

/** @returns {HTMLElement | null} */
function desk() {
  const found = document.querySelector("[data-desk]");
  return found instanceof HTMLElement ? found : null;
}

/**
 * Press the button of a verdict or an answer.
 *
 * @param {string} value
 * @returns {boolean} whether there is one
 */
function press(value) {
  const button = document.querySelector(`#acts .verdicts button[value="${value}"]`);
  if (!(button instanceof HTMLButtonElement)) return false;
  button.click();
  return true;
}

/**
 * Send the form that a key stands for.
 *
 * @param {string} key
 * @returns {boolean}
 */
function send(key) {
  const form = document.querySelector(`form[data-key-form="${key}"]`);
  if (!(form instanceof HTMLFormElement)) return false;
  form.requestSubmit();
  return true;
}

/**
 * Pick a reason of the house by its number.
 *
 * @param {number} n
 * @returns {boolean}
 */
function pick(n) {
  const radio = document.querySelectorAll(".codes input[type=radio]")[n - 1];
  if (!(radio instanceof HTMLInputElement)) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

/**
 * @param {string} id
 * @returns {boolean}
 */
function focusOn(id) {
  const field = document.getElementById(id);
  field?.focus();
  return field !== null;
}

/** @returns {boolean} */
function openAppeal() {
  const details = document.querySelector("details.appeal");
  if (!(details instanceof HTMLDetailsElement)) return false;
  details.open = true;
  return focusOn("appeal-reason");
}

/** @returns {boolean} */
function openKeys() {
  const details = document.querySelector("details.keys-card");
  if (!(details instanceof HTMLDetailsElement)) return false;
  details.open = !details.open;
  details.querySelector("summary")?.focus();
  return true;
}

/** @returns {boolean} */
function lookAgain() {
  const notice = document.getElementById("changed");
  if (!notice || notice.hidden) return false;
  location.reload();
  return true;
}

/**
 * Enter ends the reason; it presses no verdict, for the first button would be one by chance.
 *
 * @param {HTMLElement} field
 */
function leaveReason(field) {
  field.blur();
  say("The reason stands. Now press the key of a verdict.");
}

/** Say what is missing before a verdict without its reason is sent. */
function bindVerdict() {
  const form = document.querySelector("form[data-verdict-form]");
  if (!(form instanceof HTMLFormElement)) return;
  const told = form.querySelector("[data-needs-reason]");
  form.addEventListener("submit", (event) => {
    const button = event instanceof SubmitEvent ? event.submitter : null;
    const said = new FormData(form);
    const reason = `${said.get("reason") ?? ""}${said.get("code") ?? ""}`.trim();
    if (reason || (button instanceof HTMLButtonElement && button.value === "fine")) return;
    event.preventDefault();
    if (told instanceof HTMLElement) told.hidden = false;
    focusOn("reason");
  });
}

function bindPrint() {
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
}

/** Single keys can be switched off: whoever dictates may press them without knowing. */
function bindSwitch() {
  const box = document.getElementById("keys-on");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = keysOn();
  box.addEventListener("change", () => localStorage.setItem(REMEMBERED, box.checked ? "on" : "off"));
}

/** @returns {boolean} */
function keysOn() {
  return localStorage.getItem(REMEMBERED) !== "off";
}

/** Ask every few seconds whether the page still shows what is known, and keep the lease. */
function watch() {
  const page = desk();
  if (!page?.dataset.now) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(String(page.dataset.now), { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    /** @type {{seen: string, last: number}} */
    const now = await answer.json();
    if (now.seen === page.dataset.seen && String(now.last) === page.dataset.last) return;
    clearInterval(timer);
    tell();
  }, ASK_MS);
  const leave = document.querySelector('form[data-key-form="l"]');
  if (leave instanceof HTMLFormElement) setInterval(() => hold(leave), HOLD_MS);
}

function tell() {
  const notice = document.getElementById("changed");
  if (notice) notice.hidden = false;
}

/**
 * Keep the article for as long as somebody works on it.
 *
 * @param {HTMLFormElement} form the one that would let it go: it carries the token
 */
function hold(form) {
  if (document.hidden) return;
  const body = new URLSearchParams({ csrf_token: String(new FormData(form).get("csrf_token")) });
  void fetch(form.action.replace(/\/leave$/, "/take"), { method: "POST", body, redirect: "manual" }).catch(() => null);
}
