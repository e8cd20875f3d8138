// The colours of the page: light, dark, or as the system prefers; drawings have their own style sheets.

import { drawingAt } from "./picture.js";
import { inputsOf } from "../../web/assets/dom.js";

/** @import { App } from "./types.js" */

/** @param {App} app */
export function listenToTheme(app) {
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = document.documentElement.dataset;
    const dark = theme === "dark" || theme === "auto" && prefers.matches;
    const sheet = (/** @type {"light" | "dark"} */ name, /** @type {string} */ prefix) => app.data.sheets[name].split("PREFIX").join(prefix);
    app.ink = (svg, prefix) => {
      const style = svg.querySelector("style"); // light when printed
      if (style) style.textContent = sheet("light", prefix) + (dark ? `@media screen{${sheet("dark", prefix)}}` : "");
    };
    for (const { level, prefix } of app.data.views) app.ink(drawingAt(level), prefix);
    for (const { picture } of app.insets) app.ink(picture.svg, picture.prefix);
  };
  for (const radio of inputsOf("#themes input")) {
    radio.checked = radio.value === app.data.theme;
    radio.addEventListener("change", () => { document.documentElement.dataset.theme = radio.value; apply(); });
  }
  prefers.addEventListener("change", apply);
  apply();
}
