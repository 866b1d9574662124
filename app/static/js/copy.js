import { say } from "./live.js";

const SHOWN_MS = 1600;

/** Let every button with `data-copy` copy that text. Works for buttons that come later, too. */
export function bindCopyButtons() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("button[data-copy]");
    if (button instanceof HTMLButtonElement) void copy(button);
  });
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const text = button.dataset.copy ?? "";
  const done = await write(text);
  say(done ? "Copied." : "Copying was not allowed. The text is: " + text);
  if (!done) return;
  button.classList.add("is-copied");
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_MS);
}

/**
 * Browsers give the clipboard to secure pages only, and a desk may be reached over plain HTTP.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether the text is on the clipboard
 */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeBySelection(text);
  }
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function writeBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
