const COOKIE = "copydesk_theme";
const ONE_YEAR_S = 365 * 24 * 3600;

/**
 * Change the look without loading the page again. The server reads the cookie and writes the
 * look into the page, so that no page ever flashes in the other one.
 */
export function bindTheme() {
  for (const form of document.querySelectorAll("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      if (!(event instanceof SubmitEvent)) return;
      if (!(event.submitter instanceof HTMLButtonElement)) return;
      event.preventDefault();
      choose(event.submitter.value);
    });
  }
}

/** @param {string} theme system, light or dark */
function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=${ONE_YEAR_S}; SameSite=Lax${secure}`;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("form[data-theme-form] button")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}
