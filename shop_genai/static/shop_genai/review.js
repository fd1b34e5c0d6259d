// One-key review: every control with data-genai-key is pressed by its letter. The tick box turns this off, and the
// choice is remembered: single letters get in the way of some screen readers and speech input.
"use strict";
{
  const page = document.querySelector("[data-genai-review]");
  const box = page?.querySelector("[data-genai-keys]");
  const NAME = "shop_genai.keys";

  if (page && box) {
    const reflect = () => page.classList.toggle("genai-review--no-keys", !box.checked);
    box.checked = localStorage.getItem(NAME) !== "off";
    reflect();
    box.addEventListener("change", () => {
      localStorage.setItem(NAME, box.checked ? "on" : "off");
      reflect();
    });
    // A second press while the first is on its way would only earn a refusal. Back in the browser's history: afresh.
    let sent = false;
    page.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
    window.addEventListener("pageshow", () => (sent = false));
    document.addEventListener("keydown", (event) => {
      if (!box.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target.closest("input:not([type=range]):not([type=checkbox]), textarea, select");
      if (typing) return;
      const control = page.querySelector(`[data-genai-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!control) return;
      event.preventDefault();
      control.click();
    });
  }
}
