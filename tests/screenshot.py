"""Take a picture of a page in a headless Chromium.

python tests/screenshot.py results/report.html docs/report.png
"""

import argparse
from io import BytesIO
from pathlib import Path

import browser
from PIL import Image


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1860)
    parser.add_argument("--scheme", choices=["light", "dark"], default="light")
    options = parser.parse_args()
    with browser.opened(options.page.resolve()) as page:
        page.look_like(options.width, options.height, options.scheme)
        page.wait_until_done("Promise.all([...document.images].map(i => i.decode()))")
        taken = Image.open(BytesIO(page.screenshot()))
    # A palette makes the file a third as large, and nobody sees it.
    method = Image.Quantize.MAXCOVERAGE
    taken.convert("RGB").quantize(method=method).save(options.picture, optimize=True)


if __name__ == "__main__":
    main()
