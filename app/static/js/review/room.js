import { say } from "../live.js";

/**
 * The passage that is open: which group is the current one, and how the text shows it.
 *
 * The server draws everything; this only sets classes, so that a key is answered at once.
 */

/** The stretches of text over which each group lies, by the group's number. @type {Map<string, Element[]>} */
let places = new Map();

/** @returns {HTMLElement | null} the room, if this page has one */
export function room() {
  return document.getElementById("room");
}

/** @returns {boolean} whether this reader can decide here */
export function mayDecide() {
  return room()?.dataset.mayDecide === "yes";
}

/** @returns {HTMLElement[]} every group, in their order */
export function groups() {
  return [...document.querySelectorAll("li.group")].filter((li) => li instanceof HTMLElement);
}

/** @returns {HTMLElement | null} the current group */
export function current() {
  return document.querySelector('li.group[aria-current="true"]');
}

/** @returns {HTMLElement | undefined} the next group nobody has settled, from the start again at the end */
export function nextOpen() {
  const all = groups();
  const here = current();
  const at = here ? all.indexOf(here) : -1;
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find((li) => li.dataset.state === "open");
}

/** Make the room work: on loading, and whenever it was drawn anew. */
export function bindRoom() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const piece = event.target.closest(".seg");
    const item = event.target.closest("li.group");
    if (piece instanceof HTMLElement && !getSelection()?.toString()) toPlace(piece);
    else if (item instanceof HTMLElement && item !== current()) makeCurrent(item, false);
  });
  refresh();
}

/** @param {string} [key] the group to stay at */
export function refresh(key) {
  places = new Map();
  for (const piece of document.querySelectorAll(".seg")) {
    if (!(piece instanceof HTMLElement)) continue;
    for (const n of (piece.dataset.g ?? "").split(" ")) {
      const known = places.get(n);
      if (known) known.push(piece);
      else places.set(n, [piece]);
    }
  }
  const wanted = groups().find((li) => li.dataset.key === key) ?? current();
  const first = wanted ?? nextOpen() ?? groups()[0];
  if (first) makeCurrent(first, wanted !== null);
}

/**
 * @param {HTMLElement} item
 * @param {boolean} [focus] whether the keyboard goes there, too
 */
export function makeCurrent(item, focus = true) {
  const before = current();
  if (before) {
    before.removeAttribute("aria-current");
    for (const piece of placesOf(before)) piece.classList.remove("is-current");
  }
  item.setAttribute("aria-current", "true");
  for (const piece of placesOf(item)) piece.classList.add("is-current");
  if (!focus) return;
  focusOn(item);
  item.scrollIntoView({ block: "nearest" });
  if (matchMedia("(min-width: 1181px)").matches) {
    placesOf(item)[0]?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {number} step 1 for the next group, -1 for the one before */
export function move(step) {
  const all = groups();
  const here = current();
  const to = all[(here ? all.indexOf(here) : -1) + step];
  if (to) makeCurrent(to);
  else say(step > 0 ? "This was the last group." : "This was the first group.");
}

/** Go to the next open group; when there is none, to the button that submits. */
export function goOn() {
  const next = nextOpen();
  if (next) makeCurrent(next);
  else document.getElementById("act-submit")?.focus();
}

/**
 * Show a verdict before the server has confirmed it.
 *
 * @param {HTMLElement} item the group
 * @param {"accepted" | "rejected"} state
 * @param {HTMLElement | null} option the option that was picked
 */
export function showVerdict(item, state, option) {
  item.className = `group is-${state}`;
  item.dataset.state = state;
  for (const one of item.querySelectorAll("button.option[data-option]")) {
    one.setAttribute("aria-pressed", String(one === option));
  }
  const pill = item.querySelector("h3 .pill");
  if (pill) {
    pill.className = `pill pill-${state === "accepted" ? "good" : "warn"}`;
    pill.textContent = state === "accepted" ? "✓ decided" : "× rejected";
  }
  mark(item, option?.dataset.option);
}

/**
 * Mark in the text what of a group counts.
 *
 * @param {HTMLElement} item
 * @param {string | undefined} option the number of the option that counts
 */
function mark(item, option) {
  const n = item.dataset.group ?? "";
  const open = new Set(groups().filter((li) => li.dataset.state === "open").map((li) => li.dataset.group));
  for (const piece of placesOf(item)) {
    if (!(piece instanceof HTMLElement) || piece.dataset.n === undefined && !piece.dataset.v) continue;
    const counts = option !== undefined && (piece.dataset.v ?? "").split(" ").includes(`${n}.${option}`);
    piece.classList.toggle("is-gold", counts);
    piece.classList.toggle("is-open", (piece.dataset.g ?? "").split(" ").some((one) => open.has(one)));
  }
}

/** @param {HTMLElement} item @returns {Element[]} */
function placesOf(item) {
  return places.get(item.dataset.group ?? "") ?? [];
}

/** @param {HTMLElement} piece a stretch of text; the smallest group over it becomes current */
function toPlace(piece) {
  const numbers = (piece.dataset.g ?? "").split(" ").filter(Boolean);
  const size = (/** @type {string} */ n) => (places.get(n) ?? []).length;
  const n = numbers.sort((one, two) => size(one) - size(two))[0];
  const item = document.getElementById(`g-${n}`);
  if (item) makeCurrent(item);
}

/** @param {HTMLElement} item */
function focusOn(item) {
  const led = room()?.dataset.led === "yes";
  const most = led ? item.querySelector("button.option[data-most]:not(:disabled)") : null;
  const place = most instanceof HTMLElement ? most : item;
  place.focus({ preventScroll: true });
}
