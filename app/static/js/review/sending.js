import { say } from "../live.js";
import { goTo } from "./ahead.js";
import { closePanel } from "./panels.js";
import { current, goOn, mayDecide, nextOpen, refresh, showVerdict } from "./room.js";

/** One after the other: a decision is never overtaken by the next one. @type {Promise<void>} */
let line = Promise.resolve();

/** How many acts the server has not answered yet; until then its drawing is behind the reader. */
let under = 0;

/** Send the forms of the room without loading the page again. */
export function bindSending() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.closest("#room")) return;
    if (form.method.toLowerCase() !== "post") return;
    event.preventDefault();
    const button = event instanceof SubmitEvent ? event.submitter : null;
    if (button && refused(button)) {
      say(button.id === "act-submit" ? "Groups are still open." : "There is nothing to take back.");
      if (button.id === "act-submit") goOn();
      return;
    }
    // Pressed twice it is still one act; the form of all verdicts stays and takes many.
    if (form.dataset.sent) return;
    const fields = new FormData(form, button);
    const quiet = showAtOnce(form, button, fields);
    if (!quiet) form.dataset.sent = "yes";
    const act = { address: form.action, fields, quiet };
    under += 1;
    line = line
      .then(() => send(act))
      .catch(lost)
      .finally(() => {
        under -= 1;
        delete form.dataset.sent;
      });
  });
}

/**
 * Whether a button does nothing now.
 *
 * A verdict is shown before the server has answered, so what it drew as having nothing to take
 * back, or groups still open, is asked again of the page as the reader sees it.
 *
 * @param {HTMLElement} button
 */
function refused(button) {
  if (button.getAttribute("aria-disabled") !== "true") return false;
  if (!under) return true;
  return button.id === "act-submit" && nextOpen() !== undefined;
}

/** @returns {Promise<void>} when everything so far was answered */
export function settled() {
  return line;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 * @param {FormData} fields
 * @returns {boolean} whether it was a verdict that is shown already
 */
function showAtOnce(form, button, fields) {
  if (!form.hasAttribute("data-decide")) return false;
  const key = String(fields.get("reject") ?? String(fields.get("pick") ?? "").replace(/=[^=]*$/, ""));
  const item = [...document.querySelectorAll("li.group")].find(
    (li) => li instanceof HTMLElement && li.dataset.key === key,
  );
  if (!(item instanceof HTMLElement) || item.dataset.state === "added") return false;
  const picked = fields.has("pick");
  showVerdict(item, picked ? "accepted" : "rejected", picked ? button : null);
  closePanel(false);
  goOn();
  return true;
}

/**
 * @param {{address: string, fields: FormData, quiet: boolean}} act `quiet`: the page shows it already
 */
async function send({ address, fields, quiet }) {
  const answer = await post(address, fields);
  if (answer.status === 204) return goTo(answer.headers.get("X-Go-To") ?? "/review");
  const text = await answer.text();
  if (answer.status === 409) return showChanges(text);
  if (answer.ok && address.endsWith("/hold")) return reload();
  if (!answer.ok) {
    say(words(text));
    if (quiet) await reload();
    tell(words(text));
    return;
  }
  const key = current()?.dataset.key;
  if (!quiet) closePanel(false);
  put(text, quiet);
  if (quiet) return;
  // What was taken back is where the work goes on; an edited group is done with.
  refresh(address.endsWith("/undo") ? undefined : key);
  if (fields.get("verdict") === "edit") goOn();
}

/** @param {string} text what is new beside what was decided, instead of the room */
function showChanges(text) {
  put(text, false);
  document.querySelector("#room h1")?.scrollIntoView();
  say("Something is new here.");
}

/**
 * @param {string} address
 * @param {FormData} fields
 */
export async function post(address, fields) {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, String(value));
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const answer = await fetch(address, { method: "POST", body, headers });
  const away = answer.headers.get("HX-Redirect");
  if (away) location.assign(away);
  return answer;
}

/** Draw the room as the server knows it. */
export async function reload() {
  const here = current()?.dataset.key;
  const answer = await fetch(location.href);
  put(await answer.text(), false);
  refresh(here);
}

/**
 * Put each part of an answer into the place of its like.
 *
 * @param {string} html
 * @param {boolean} quiet whether the place of the keyboard stays
 */
export function put(html, quiet) {
  const doc = new DOMParser().parseFromString(`<body>${html}</body>`, "text/html");
  const whole = doc.getElementById("room");
  const parts = whole ? [whole] : [...doc.body.querySelectorAll("[id]")].filter((part) => {
    return part.matches("li.group, #room-head, #room-bar, #room-revisions");
  });
  const focused = document.activeElement?.id;
  for (const part of parts) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    if (quiet && part.matches("li.group") && old.getAttribute("aria-current") !== "true") {
      part.removeAttribute("aria-current");
    }
    old.replaceWith(document.adoptNode(part));
  }
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
}

/** @param {string} html @returns {string} what an error says, without its marks */
function words(html) {
  const doc = new DOMParser().parseFromString(html, "text/html");
  return (doc.querySelector(".notice") ?? doc.body).textContent?.trim() ?? "";
}

/** @param {string} message */
function tell(message) {
  const place = document.getElementById("room-told");
  if (!place) return;
  const notice = document.createElement("p");
  notice.className = "notice notice-error";
  notice.textContent = message;
  place.replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

/** @param {unknown} fault */
function lost(fault) {
  const words = "The server was not reached; what you decided last was not kept. ";
  say(words);
  tell(words + String(fault));
}

/** Stay in the passage, and look whether something is new. */
export async function hold() {
  const room = document.getElementById("room");
  const form = document.getElementById("decide");
  if (!room || !mayDecide() || !(form instanceof HTMLFormElement)) return;
  const before = seen();
  const answer = await post(`${room.dataset.act}/hold`, new FormData(form));
  if (!answer.ok) return;
  put(await answer.text(), true);
  if (seen() !== before) {
    await reload();
    say("Something is new here: the page was drawn anew.");
  }
}

/** @returns {string} what the page shows, to compare */
function seen() {
  const told = document.getElementById("room-revisions");
  return `${told?.dataset.revisions}/${told?.dataset.base}/${told?.dataset.holder}`;
}
