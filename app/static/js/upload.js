/** Say that chosen files are too large before they are sent: a server can only cut them off. */
export function bindUpload() {
  const form = document.querySelector("form[data-most-bytes]");
  const input = form?.querySelector("input[type=file]");
  const told = form?.querySelector("[data-too-large]");
  if (!(form instanceof HTMLFormElement) || !(input instanceof HTMLInputElement)) return;
  input.addEventListener("change", () => {
    const size = [...(input.files ?? [])].reduce((sum, file) => sum + file.size, 0);
    const fits = size <= Number(form.dataset.mostBytes);
    if (told instanceof HTMLElement) told.hidden = fits;
    input.setCustomValidity(fits ? "" : "These files are too large.");
  });
}
