"""Packed pages: a large page as a small file, which unpacks itself when it is opened.

What a page shows and runs is compressed (RFC 1950) and written in base 85. The browser
decompresses it; the page's own policy still names the one script that it runs, by its hash.
"""

from __future__ import annotations

import base64
import json
import re
import zlib

from autograd_mini.language import tell
from viz.web.document import asset, digest

__all__ = ["packed", "unpacked"]

SAFE = str.maketrans("<>&", ",:.")
"""Base 85 without the signs that HTML uses."""
BODY = re.compile(r"(<style>.*</style>\n)</head>\n<body>(.*)<script>(.*)</script>\n</body>", re.DOTALL)
LOADER = re.compile(r'<script type="text/plain" id="packed" data-length="(\d+)">([^<]*)</script>')


def packed(page: str) -> str:
    """Return ``page``, a document with one script at its end, as a page that unpacks itself."""
    found = BODY.search(page)
    assert found is not None
    style, body, script = found.groups()
    content = zlib.compress(json.dumps([style + body, script], ensure_ascii=False).encode(), 9)
    text = base64.b85encode(content, pad=True).decode().translate(SAFE)
    sorry = tell("This page needs a newer browser.")
    loader = asset("web/assets/unpack.js").replace("This page needs a newer browser.", sorry)
    head = page[: found.start()].replace("script-src ", f"script-src '{digest(loader)}' ", 1)
    return (
        f'{head}</head>\n<body>\n<script type="text/plain" id="packed" data-length="{len(content)}">{text}</script>\n'
        f"<script>{loader}</script>\n</body>{page[found.end() :]}"
    )


def unpacked(page: str) -> str:
    """Return the page that ``packed`` was given; any other page as it is."""
    found = LOADER.search(page)
    if found is None:
        return page
    back = str.maketrans(",:.", "<>&")
    content = base64.b85decode(found[2].translate(back))[: int(found[1])]
    inside, script = json.loads(zlib.decompress(content))
    head, _, rest = page.partition("</head>\n<body>\n")
    own = digest(rest.partition("<script>")[2].partition("</script>")[0])
    style, end, body = inside.partition("</style>\n")
    return f"{head}{style}{end}</head>\n<body>{body}<script>{script}</script>\n</body>\n</html>\n".replace(
        f"'{own}' ", "", 1
    )
