import { begin, bindSelection, clear, read, show, step, takeSelection, write } from "./bounds.js";
import { current, makeCurrent } from "./room.js";

/** Open what edits, adds, relates, comments, flags and sends back, in its place on the page. */
export function bindPanels() {
  bindSelection();
  const open = panel();
  if (open) prepare(open);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest("a[data-panel]");
    const close = event.target.closest("a[data-close]");
    const mover = event.target.closest("button[data-step]");
    if (link instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      void openPanel(link);
    } else if (close) {
      event.preventDefault();
      closePanel(true);
    } else if (mover instanceof HTMLElement) moveBy(mover);
  });
  document.addEventListener("input", (event) => {
    if (!(event.target instanceof Element)) return;
    const bounds = event.target.closest("[data-bounds]");
    if (bounds instanceof HTMLElement) show(bounds);
  });
}

/** @returns {HTMLElement | null} the open panel */
export function panel() {
  return document.getElementById("panel");
}

/** @param {boolean} back whether the keyboard goes back to the group */
export function closePanel(back) {
  const open = panel();
  if (!open) return;
  open.remove();
  clear();
  const here = current();
  if (back && here) makeCurrent(here);
}

/** @param {HTMLAnchorElement} link */
async function openPanel(link) {
  const item = link.closest("li.group");
  if (item instanceof HTMLElement && item !== current()) makeCurrent(item, false);
  const address = new URL(link.href);
  address.searchParams.set("part", "panel");
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return location.assign(link.href);
  const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = doc.getElementById("panel");
  closePanel(false);
  const place = item ? item.querySelector(".panel-place") : document.getElementById("panel-top");
  if (!fresh || !place) return;
  place.replaceChildren(document.adoptNode(fresh));
  prepare(fresh);
  fresh.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLElement} fresh a panel that has just been opened */
function prepare(fresh) {
  const bounds = fresh.querySelector("[data-bounds]");
  if (bounds instanceof HTMLElement) {
    const picked = takeSelection();
    if (picked) write(bounds, picked);
    else if (!read(bounds)) begin(bounds, endOfCurrent());
    show(bounds);
    bounds.tabIndex = -1;
    bounds.focus({ preventScroll: true });
    return;
  }
  const first =
    fresh.querySelector(".reasons button") ??
    fresh.querySelector("select, textarea, input:not([type=hidden])");
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}

/** @returns {number} where the current group ends; 0 when there is none */
function endOfCurrent() {
  return Number(current()?.dataset.end ?? 0);
}

/** @param {HTMLElement} button */
function moveBy(button) {
  const bounds = button.closest("[data-bounds]");
  const [which, by] = (button.dataset.step ?? "").split(" ");
  if (!(bounds instanceof HTMLElement) || (which !== "start" && which !== "end")) return;
  step(bounds, which, Number(by), false);
}
