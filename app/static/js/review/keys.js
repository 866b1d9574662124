import { say } from "../live.js";
import { jump, step } from "./bounds.js";
import { closePanel, panel } from "./panels.js";
import { current, goOn, move } from "./room.js";

const OFF = "copydesk_keys_off";

/** What each key does, where nothing is being typed. @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  n: goOn,
  x: () => click('[data-panel="reject"]'),
  X: () => click('[data-panel="reject"]'),
  e: () => click('[data-panel="edit"]'),
  l: () => label(),
  r: () => click('[data-panel="relate"]'),
  m: () => click('[data-panel="note"]'),
  a: () => press("act-add"),
  A: () => press("act-majorities"),
  g: openGuideline,
  G: openGuideline,
  f: () => press("act-flag"),
  s: () => press("act-skip"),
  b: () => press("act-back"),
  u: () => press("act-undo"),
  "?": () => dialog("keys")?.showModal(),
};

/** What does something while a panel is open, too. */
const IN_PANELS = new Set(["l", "g", "G", "?"]);

/** Let single keys work in the room, unless somebody switched them off. */
export function bindKeys() {
  document.addEventListener("keydown", (event) => {
    if (!document.getElementById("room") || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && panel()) return done(event, () => closePanel(true));
    if (isTyping(event.target) || !keysOn()) return;
    if (inBounds(event) || inOptions(event)) return;
    if (event.key === "Enter") return enter(event);
    if (event.altKey) return;
    if (/^[1-9]$/.test(event.key)) return done(event, () => pick(Number(event.key)));
    const act = KEYS[event.key];
    if (act && (!panel() || IN_PANELS.has(event.key))) done(event, act);
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("#open-keys")) dialog("keys")?.showModal();
    if (event.target.closest("#open-guideline") && dialog("guideline")) done(event, openGuideline);
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.id !== "keys-on") return;
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  const box = document.getElementById("keys-on");
  if (box instanceof HTMLInputElement) box.checked = keysOn();
}

/** @returns {boolean} */
function keysOn() {
  return localStorage.getItem(OFF) === null;
}

/** @param {Event} event @param {() => void} act */
function done(event, act) {
  event.preventDefault();
  act();
}

/** @param {EventTarget | null} target @returns {boolean} */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.matches("textarea, select") || target.isContentEditable;
}

/** Brackets and arrows, while bounds are being set. @param {KeyboardEvent} event @returns {boolean} */
function inBounds(event) {
  const bounds = document.querySelector("[data-bounds]");
  if (!(bounds instanceof HTMLElement)) {
    if ("[]{}".includes(event.key)) click('[data-panel="edit"]');
    return "[]{}".includes(event.key);
  }
  const byChar = event.altKey && !event.getModifierState("AltGraph");
  const way = { "[": -1, "{": -1, "]": 1, "}": 1, ArrowLeft: -1, ArrowRight: 1 }[bracket(event)];
  if (way === undefined) return false;
  event.preventDefault();
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    if (event.shiftKey) step(bounds, "end", way, byChar);
    else jump(bounds, way);
  } else step(bounds, "[]".includes(bracket(event)) ? "start" : "end", way, byChar);
  return true;
}

/** A bracket by its place on the keyboard where Alt makes another sign of it. @param {KeyboardEvent} event */
function bracket(event) {
  if ("[]{}".includes(event.key)) return event.key;
  if (event.code === "BracketLeft") return event.shiftKey ? "{" : "[";
  if (event.code === "BracketRight") return event.shiftKey ? "}" : "]";
  return event.key;
}

/** Arrows within the options of a group. @param {KeyboardEvent} event @returns {boolean} */
function inOptions(event) {
  const here = event.target instanceof Element ? event.target.closest(".option, .group") : null;
  if (!here || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return false;
  const list = here.closest(".reasons") ?? here.closest(".group");
  const all = [...(list?.querySelectorAll(".option") ?? [])].filter(
    (one) => one instanceof HTMLElement && one.checkVisibility(),
  );
  const to = all[all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!(to instanceof HTMLElement)) return false;
  event.preventDefault();
  to.focus();
  return true;
}

/** @param {KeyboardEvent} event */
function enter(event) {
  if (event.target instanceof Element && event.target.closest("a, button, summary")) return;
  event.preventDefault();
  const form = panel()?.querySelector("form.panel-form");
  if (form instanceof HTMLFormElement) form.requestSubmit();
  else press("act-submit");
}

/** A digit picks a version; in a panel it chooses the reason or the label. @param {number} digit */
function pick(digit) {
  const open = panel();
  if (!open) {
    click(`button.option[data-option="${digit}"]`);
    return;
  }
  const reason = open.querySelector(`button[data-digit="${digit}"]`);
  if (reason instanceof HTMLElement) reason.click();
  const list = open.querySelector("select[data-digits]");
  if (list instanceof HTMLSelectElement && digit < list.options.length) {
    list.selectedIndex = digit;
    say(list.selectedOptions[0]?.textContent ?? "");
  }
}

/** @param {string} selector of something in the current group */
function click(selector) {
  const place = current()?.querySelector(selector);
  if (place instanceof HTMLElement) place.click();
}

/** @param {string} id */
function press(id) {
  document.getElementById(id)?.click();
}

function label() {
  const select = panel()?.querySelector("#label");
  if (select instanceof HTMLElement) select.focus();
  else click('[data-panel="edit"]');
}

/** @param {string} id @returns {HTMLDialogElement | null} */
function dialog(id) {
  const found = document.getElementById(id);
  return found instanceof HTMLDialogElement ? found : null;
}

function openGuideline() {
  const link = document.getElementById("open-guideline");
  const place = document.getElementById("guideline-text");
  if (!(link instanceof HTMLAnchorElement) || !place) return;
  void fetch(link.href, { headers: { "HX-Request": "true" } })
    .then((answer) => answer.text())
    .then((text) => {
      const doc = new DOMParser().parseFromString(text, "text/html");
      place.replaceChildren(...[...doc.body.childNodes].map((node) => document.adoptNode(node)));
      dialog("guideline")?.showModal();
    });
}
