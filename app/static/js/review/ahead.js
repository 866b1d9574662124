import { refresh } from "./room.js";
import { hold } from "./sending.js";

const HOLD_AGAIN_MS = 240_000;

/** The page of the next passage, fetched while this one is worked on. @type {{address: string, page: Promise<string>} | null} */
let ahead = null;

/** Hold the passage, and fetch the next one as soon as nothing else is to do. */
export function bindAhead() {
  addEventListener("popstate", () => location.reload());
  setInterval(() => document.hidden || enter(), HOLD_AGAIN_MS);
  enter();
}

/** Hold the passage; a server that is not reached will be noticed by the next act. */
function enter() {
  void hold()
    .catch(() => undefined)
    .finally(fetchAhead);
}

function fetchAhead() {
  const address = document.getElementById("room")?.dataset.next;
  if (ahead && ahead.address === address) return;
  ahead = null;
  if (!address) return;
  const page = fetch(address).then((answer) => (answer.ok ? answer.text() : ""));
  page.catch(() => "");
  ahead = { address, page };
}

/**
 * Go to another page; to the next passage without a reload, as it was fetched ahead.
 *
 * @param {string} address
 */
export async function goTo(address) {
  const known = ahead && ahead.address === address ? ahead.page : null;
  const html = known ? await known.catch(() => "") : "";
  const doc = html ? new DOMParser().parseFromString(html, "text/html") : null;
  const main = doc?.querySelector("main");
  if (!doc || !main?.querySelector("#room")) {
    location.assign(address);
    return;
  }
  document.querySelector("main")?.replaceWith(document.adoptNode(main));
  document.title = doc.title;
  history.pushState(null, "", address);
  scrollTo(0, 0);
  refresh();
  document.querySelector("main")?.focus({ preventScroll: true });
  enter();
}
