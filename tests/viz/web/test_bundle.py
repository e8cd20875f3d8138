"""Modules put together: one script that declares what the entry exports, and a plain word where it cannot be."""

import subprocess

import pytest

from tests.support.node import needs_node
from viz.web.bundle import bundle
from viz.web.document import bundled

FILES = {
    "a/main.js": """// Starts everything.
import { twice, size as width } from "../b/sums.js";
import { twice as again } from "./again.js";

/** @import { Shape } from "./types.js" */

/**
 * Doc.
 * @param {number} x
 */
export function start(x) {
  return [twice(x), width, again(x)]; // kept
}
""",
    "a/again.js": """import { twice as other } from "../b/sums.js";
const size = 3;
export const twice = (x) => other(x) + size;
""",
    "b/sums.js": "const hidden = 2;\nexport const size = 7;\nexport function twice(x) { return hidden * x; }\n",
}


@needs_node
def test_names_of_one_module_do_not_meet_those_of_another():
    script = bundle("a/main.js", FILES.__getitem__) + "console.log(JSON.stringify(start(5)));"
    done = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[10,7,13]\n"


def test_each_module_stands_once_and_before_those_that_import_it():
    script = bundle("a/main.js", FILES.__getitem__)
    places = [script.index(f"const {name} = ") for name in ("b_sums_js", "a_again_js", "a_main_js")]
    assert places == sorted(places)
    assert script.count("const hidden") == 1
    assert "Doc." not in script
    assert "// kept" in script


@pytest.mark.parametrize(("changed", "message"), [
    ({"b/sums.js": 'import { start } from "../a/main.js";\n'}, "in a circle: a/main.js → b/sums.js → a/main.js"),
    ({"b/sums.js": "export const size = 1;\n"}, "a/main.js imports twice from b/sums.js, which does not export it"),
    ({"b/sums.js": "export default 3;\n"}, 'b/sums.js: cannot bundle "export default 3;"'),
    ({"a/again.js": 'import * as all from "../b/sums.js";\n'}, r"cannot bundle .*write import \{ a, b as c \}"),
])  # fmt: skip
def test_what_cannot_be_bundled_is_said(changed, message):
    with pytest.raises(ValueError, match=message):
        bundle("a/main.js", (FILES | changed).__getitem__)


@needs_node
@pytest.mark.parametrize("entry", ["page/assets/page.js", "film/assets/film.js"])
def test_the_pages_scripts_are_javascript(entry, tmp_path):
    script = tmp_path / "bundle.cjs"
    script.write_text(f'"use strict";\n{bundled(entry)}', encoding="utf-8")
    subprocess.run(["node", "--check", script], check=True, capture_output=True)
