"use strict";
// One key for each button. Without this script the buttons do the same.
(() => {
  const open = () => document.querySelector(".keys details[open]");
  const find = (attribute, key) => document.querySelector(`[${attribute}="${CSS.escape(key)}"]`);
  const writing = (node) => node instanceof Element && node.matches("input, textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.key === "Escape") {
      const details = open() ?? document.querySelector(".help[open]");
      if (details) {
        details.open = false;
        details.querySelector("summary").focus();
      }
      return;
    }
    if (writing(event.target)) return;
    const onControl = event.target instanceof Element && event.target.matches("button, a, summary");
    if (event.key === "Enter" && onControl) return;
    const inner = open()?.querySelector(`[data-inner-key="${CSS.escape(event.key)}"]`);
    const button = inner ?? find("data-key", event.key);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
    write(button);
  });
  // Whoever opens where one writes wants to write there.
  const write = (summary) => {
    if (!summary.matches("summary") || !summary.parentElement.open) return;
    const field = summary.parentElement.querySelector("input:not([type=hidden]), textarea");
    field?.focus();
    if (field instanceof HTMLInputElement) field.setSelectionRange(field.value.length, field.value.length);
  };

  // One answer is enough: a second press of the key would be for the next proposal.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Only one of what the keys open is open, so that digits mean one thing.
  for (const details of document.querySelectorAll(".keys details")) {
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      const summary = details.querySelector("summary");
      if (document.activeElement === summary) write(summary);
      for (const other of document.querySelectorAll(".keys details[open]")) if (other !== details) other.open = false;
    });
  }
})();
