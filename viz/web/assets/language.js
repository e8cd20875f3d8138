// @ts-check
/** The texts of a page: its English text is the key, and a page in another language brings a table. */

/** @type {Record<string, string> | undefined} */
let table;

/** @returns {Record<string, string>} */
const known = () => {
  const holder = typeof document === "undefined" ? null : document.getElementById("texts");
  return holder ? JSON.parse(holder.textContent || "{}") : {};
};

/**
 * A text in the page's language, with its slots {name} filled.
 * @param {string} english
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function tell(english, values = {}) {
  const texts = table ??= known();
  return (texts[english] ?? english).replace(/\{(\w+)\}/g, (slot, name) => (name in values ? String(values[name]) : slot));
}
