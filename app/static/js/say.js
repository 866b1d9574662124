/**
 * Tell people who listen to the page what just happened.
 *
 * @param {string} message what to say, a whole sentence
 */
export function say(message) {
  const place = document.getElementById("live");
  if (place) place.textContent = message;
}
