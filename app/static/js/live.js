import { say } from "./say.js";

/** Say aloud that a watched job has ended. The figures themselves change without a word. */
export function bindLive() {
  document.body.addEventListener("job-ended", (event) => {
    if (!(event instanceof CustomEvent)) return;
    const message = event.detail?.message;
    if (typeof message === "string" && message) say(message);
  });
}
