"""A model as a JavaScript file for Node and for a page, without dependencies."""

from __future__ import annotations

import json

from autograd_mini.export.interface import Interface
from autograd_mini.export.python import safe
from autograd_mini.program.ir import Program

__all__ = ["javascript_text"]

HEAD = """\
// A trained model: {count} inputs, {outputs} outputs. Written by autograd_mini; it has no dependencies.
// In Node: const {{ predict }} = require("./{name}"); predict([{shown}])
// On a page: <script src="{name}"></script>, then model.predict([...])
// From a shell, one line of numbers per sample: node {name} < rows.csv
"use strict";

(function (root) {{
"""

TAIL = """
function predict(x) {
  if (x.length !== INPUTS.length) {
    throw new RangeError(`predict takes ${INPUTS.length} numbers (${INPUTS.join(", ")}), got ${x.length}`);
  }
  const result = program(...Array.from(x, Number));
  return Array.isArray(result) ? result : [result];
}

function classify(x) {
  const outputs = predict(x);
  return CLASSES[outputs.indexOf(Math.max(...outputs))];
}

const model = { INPUTS, OUTPUTS, CLASSES, predict, classify };
if (typeof module !== "undefined" && module.exports) {
  module.exports = model;
  if (require.main === module) {
    const text = require("fs").readFileSync(0, "utf8");
    for (const line of text.split(/\\r?\\n/)) {
      if (line.trim()) {
        const row = line.split(",").map(Number);
        console.log(CLASSES.length ? classify(row) : predict(row).join(" "));
      }
    }
  }
} else {
  root.model = model;
}
})(this);
"""


def javascript_text(program: Program, interface: Interface, name: str) -> str:
    """Return the text of the JavaScript file ``name``."""
    shown = safe(", ".join(interface.inputs[:6]) + ", ..." * (len(interface.inputs) > 6))
    head = HEAD.format(count=len(interface.inputs), outputs=len(interface.outputs), name=name, shown=shown)
    constants = "".join(
        f"const {word} = {_text(values)};\n"
        for word, values in (
            ("INPUTS", interface.inputs),
            ("OUTPUTS", interface.outputs),
            ("CLASSES", interface.classes),
        )
    )
    return f"{head}{constants}\n{program.source('javascript')}{TAIL}"


def _text(names: tuple[str, ...]) -> str:
    return json.dumps(list(names), ensure_ascii=True)  # this escapes </script> and line separators too
