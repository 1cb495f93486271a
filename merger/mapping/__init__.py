"""Definitions: what people write, read beside the law, and sign. Reading their files.

`read_document` reads any YAML file into a model, `read_definitions` a file of definitions of
whichever kind; the models are in `merger.mapping.models`.
"""

from merger.mapping.document import Document, parse_document, read_definitions, read_document

__all__ = ["Document", "parse_document", "read_definitions", "read_document"]
