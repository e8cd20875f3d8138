// Unpacks a page: base 85, then deflate, then what the page shows and the script that it runs.
(async () => {
  /** @type {MessageEvent[]} */
  const early = [], hold = (/** @type {MessageEvent} */ event) => early.push(event);
  addEventListener("message", hold);
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=:?@^_`{|}~";
  const held = /** @type {HTMLElement} */ (document.getElementById("packed")), text = held.textContent, bytes = new DataView(new ArrayBuffer(text.length / 5 * 4));
  for (let at = 0; at < text.length; at += 5) {
    let number = 0;
    for (let place = at; place < at + 5; place++) number = number * 85 + digits.indexOf(text[place]);
    bytes.setUint32(at / 5 * 4, number);
  }
  if (!("DecompressionStream" in window)) { document.body.textContent = "This page needs a newer browser."; return; }
  const stream = new Blob([new Uint8Array(bytes.buffer, 0, Number(held.dataset.length))]).stream();
  const [body, script] = await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).json();
  document.body.innerHTML = body;
  const run = document.createElement("script");
  run.textContent = script;
  document.body.append(run);
  removeEventListener("message", hold);
  for (const { data, source } of early) dispatchEvent(new MessageEvent("message", { data, source }));
})();
