/**
 * Tell people who listen to the page what just happened.
 *
 * @param {string} message what to say, a whole sentence
 */
export function say(message) {
  const place = document.getElementById("live");
  if (place) place.textContent = message;
}

/** Say aloud that a watched job has ended. The figures themselves change without a word. */
export function bindLive() {
  document.body.addEventListener("job-ended", (event) => {
    if (!(event instanceof CustomEvent)) return;
    const message = event.detail?.message;
    if (typeof message === "string" && message) say(message);
  });
}
