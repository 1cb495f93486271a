"""Drafts of mapping files from the text of resolutions, by the grammar of their drafting language.

`read_resolution` reads resolutions on the arrangement of communes (text, Markdown, DOCX, PDF that holds text)
and the list of units before. Layers: text with places (`sources`, `text`), clauses (`clauses`), tokens and
grammar (`tokens`, `grammar`, `resolution.lark`, `vocabulary.toml`), statements (`statements`, `reading`),
units (`roster`, `scope`, `match`), amounts (`settle`), the file (`draft`) and its check (`selfcheck`).
"""

from merger.mapping.drafting.importing import read_resolution

__all__ = ["read_resolution"]
