/**
 * Where a span begins and ends, set by key, by button and by selecting.
 *
 * Offsets count code points of the passage, as everywhere; a browser counts otherwise, so
 * the text is taken apart once.
 */

const WORD = /[\p{L}\p{N}]+(?:[’'-][\p{L}\p{N}]+)*|[^\s]/gu;

/** @typedef {{start: number, end: number}} Bounds */

/** The last selection in the text; a tap on a button would clear the browser's own. @type {Bounds | null} */
let selected = null;

/** Remember what is selected in the passage, and take it where bounds are being set. */
export function bindSelection() {
  document.addEventListener("selectionchange", () => {
    const found = selection();
    if (!found) return;
    selected = found;
    const panel = document.querySelector("[data-bounds]");
    if (panel instanceof HTMLElement) write(panel, found);
  });
}

/** @returns {Bounds | null} what was selected last, once */
export function takeSelection() {
  const found = selected;
  selected = null;
  return found;
}

/** @returns {HTMLElement | null} */
function passage() {
  return document.getElementById("passage-text");
}

/** @returns {string[]} the characters of the passage */
function chars() {
  return [...(passage()?.textContent ?? "")];
}

/** @returns {Bounds[]} the words of the passage */
function wordsOf() {
  const text = passage()?.textContent ?? "";
  const found = [];
  let at = 0;
  let units = 0;
  for (const match of text.matchAll(WORD)) {
    at += [...text.slice(units, match.index)].length;
    const length = [...match[0]].length;
    found.push({ start: at, end: at + length });
    at += length;
    units = match.index + match[0].length;
  }
  return found;
}

/** @param {HTMLElement} panel @returns {Bounds | null} */
export function read(panel) {
  const [start, end] = ["start", "end"].map((name) => {
    const input = panel.querySelector(`input[name=${name}]`);
    return input instanceof HTMLInputElement && input.value !== "" ? Number(input.value) : NaN;
  });
  if (start === undefined || end === undefined || Number.isNaN(start + end)) return null;
  return { start, end };
}

/**
 * @param {HTMLElement} panel
 * @param {Bounds} bounds
 */
export function write(panel, bounds) {
  for (const name of /** @type {const} */ (["start", "end"])) {
    const input = panel.querySelector(`input[name=${name}]`);
    if (input instanceof HTMLInputElement) input.value = String(bounds[name]);
  }
  show(panel);
}

/** Show what the bounds hold: in the panel, and in the text. @param {HTMLElement} panel */
export function show(panel) {
  const bounds = read(panel);
  const place = panel.querySelector("[data-bounds-text]");
  if (!bounds || bounds.start >= bounds.end) return;
  if (place) place.textContent = chars().slice(bounds.start, bounds.end).join("");
  const range = rangeOf(bounds);
  if (range && "highlights" in CSS) CSS.highlights.set("bounds", new Highlight(range));
}

/** Take the marks of the bounds out of the text again. */
export function clear() {
  if ("highlights" in CSS) CSS.highlights.delete("bounds");
}

/**
 * Where a span that all missed begins, until somebody says: after the current group.
 *
 * @param {HTMLElement} panel
 * @param {number} after
 */
export function begin(panel, after) {
  const words = wordsOf();
  const word = words.find((one) => one.start >= after) ?? words[0];
  if (word) write(panel, word);
}

/**
 * Move one end.
 *
 * @param {HTMLElement} panel
 * @param {"start" | "end"} which
 * @param {number} step 1 or -1
 * @param {boolean} byChar
 */
export function step(panel, which, step, byChar) {
  const bounds = read(panel);
  if (!bounds) return begin(panel, 0);
  const length = chars().length;
  const to = byChar ? bounds[which] + step : nextEdge(which, bounds[which], step);
  if (to === undefined || to < 0 || to > length) return;
  const moved = { ...bounds, [which]: to };
  if (moved.start < moved.end) write(panel, moved);
}

/**
 * Take the next word instead, as a caret moves.
 *
 * @param {HTMLElement} panel
 * @param {number} step
 */
export function jump(panel, step) {
  const bounds = read(panel);
  if (!bounds) return begin(panel, 0);
  const words = wordsOf();
  const at = words.findIndex((one) => one.end > bounds.start);
  const to = words[Math.min(words.length - 1, Math.max(0, at + step))];
  if (to) write(panel, to);
}

/**
 * @param {"start" | "end"} which
 * @param {number} from
 * @param {number} step
 * @returns {number | undefined}
 */
function nextEdge(which, from, step) {
  const edges = wordsOf().map((word) => word[which]);
  return step > 0 ? edges.find((edge) => edge > from) : edges.findLast((edge) => edge < from);
}

/** @returns {Bounds | null} the selection in the passage, blanks at its ends left out */
function selection() {
  const picked = getSelection();
  const text = passage();
  if (!picked || picked.isCollapsed || !text || picked.rangeCount === 0) return null;
  const range = picked.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const said = range.toString();
  const blanks = [...said].length - [...said.trimStart()].length;
  const start = [...before.toString()].length + blanks;
  const length = [...said.trim()].length;
  return length ? { start, end: start + length } : null;
}

/** @param {Bounds} bounds @returns {Range | null} */
function rangeOf(bounds) {
  const text = passage();
  if (!text) return null;
  const range = document.createRange();
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const letters = [...(node.textContent ?? "")];
    const units = (/** @type {number} */ n) => letters.slice(0, n).join("").length;
    if (!begun && bounds.start < at + letters.length) {
      range.setStart(node, units(bounds.start - at));
      begun = true;
    }
    if (begun && bounds.end <= at + letters.length) {
      range.setEnd(node, units(bounds.end - at));
      return range;
    }
    at += letters.length;
  }
  return null;
}
