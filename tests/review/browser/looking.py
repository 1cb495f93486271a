"""Whether pages look as they did: coarse pictures, compared with a tolerance.

A page is photographed, made four times smaller and brought to sixteen colours: small enough to be kept
with the tests, large enough to see what moved. Digits and digests are all `0` in pictures, so that no date,
count or random identifier is told apart.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

EXPECTED = Path(__file__).parent / "expected"
SMALLER = 4
COLOURS = 16
LONGEST = 1600
"""So many pixels of a long page are looked at."""
CELL = 8
"""Pixels of the small picture that are looked at together, in both directions."""
TELLING = 22
"""A cell differs from which mean difference on, of 255."""
MOST = 0.04
"""So much of a picture may differ."""

FEW = """() => {
  for (const whole of document.querySelectorAll("body, body *")) {
    [...whole.children].slice(40).forEach((one) => one.remove());
  }
}"""
"""Leaves the first pieces of what is long, as its pieces are all alike."""

MASK = r"""() => {
  const zeros = (found) => "0".repeat(found.length);
  const plain = (text) => text.replace(/[0-9a-f]{8,}/g, zeros).replace(/\d/g, "0");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("script") === null) node.textContent = plain(node.textContent);
  }
  for (const field of document.querySelectorAll("input[type=text], input[type=search]")) {
    field.value = plain(field.value);
  }
  if (document.activeElement) document.activeElement.blur();
}"""


@dataclass(frozen=True)
class Shot:
    """A small picture of a page, the name of its reference, and the picture in full size (PNG)."""

    name: str
    picture: Image.Image
    whole: bytes

    @property
    def file(self) -> Path:
        return EXPECTED / f"{self.name}.png"

    def renew(self) -> None:
        """Makes it the reference."""
        EXPECTED.mkdir(exist_ok=True)
        kept = self.picture.quantize(COLOURS, dither=Image.Dither.NONE)
        kept.save(self.file, optimize=True)

    def difference(self) -> str:
        """What differs from the reference; empty if nothing does that a person would call different."""
        if not self.file.is_file():
            return f"{self.name}: there is no reference (pytest --renew-screenshots)"
        with Image.open(self.file) as kept:
            reference = kept.convert("RGB")
        ours = self.picture
        if abs(ours.height - reference.height) > max(12, reference.height // 12):
            return f"{self.name}: {ours.height * SMALLER} pixels high, was {reference.height * SMALLER}"
        box = (0, 0, min(ours.width, reference.width), min(ours.height, reference.height))
        apart = ImageChops.difference(_coarse(ours.crop(box)), _coarse(reference.crop(box)))
        strongest = [max(cell) for cell in zip(*(band.tobytes() for band in apart.split()), strict=True)]
        share = sum(one > TELLING for one in strongest) / len(strongest)
        return f"{self.name}: {share:.1%} looks different" if share > MOST else ""


def shot(name: str, png: bytes) -> Shot:
    with Image.open(BytesIO(png)) as taken:
        whole = taken.convert("RGB")
    return Shot(name, whole.crop((0, 0, whole.width, min(whole.height, LONGEST))).reduce(SMALLER), png)


def _coarse(picture: Image.Image) -> Image.Image:
    return picture.reduce(CELL)
