"""Definitions: what people write, read beside the law, and sign. Reading their files.

`load` reads files and folders as one mapping, `read` does so as far as they can be understood; `shipped`
names the folder of the real ones, `digest` is what a mapping is known by. `read_document` reads any YAML
file into a model, `read_definitions` a file of definitions of whichever kind. The models are in
`merger.mapping.models`.
"""

from merger.mapping.document import Document, parse_document, read_definitions, read_document
from merger.mapping.files import (
    Contents,
    LoadedMapping,
    Reading,
    contents_of,
    digest,
    load,
    parse,
    read,
    shipped,
)

__all__ = [
    "Contents",
    "Document",
    "LoadedMapping",
    "Reading",
    "contents_of",
    "digest",
    "load",
    "parse",
    "parse_document",
    "read",
    "read_definitions",
    "read_document",
    "shipped",
]
