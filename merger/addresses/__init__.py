"""Addresses in free text read as units: `Addresses(lineage).find(text, to=day)`. See docs/addresses.md."""

from merger.addresses.answer import AddressAnswer, Part
from merger.addresses.confidence import Confidence, Curve
from merger.addresses.finding import AT_LEAST, Addresses

__all__ = ["AT_LEAST", "AddressAnswer", "Addresses", "Confidence", "Curve", "Part"]
