"""The pages of this part."""

from collections.abc import Sequence

from merger.review.web.pages import Page

PAGES: Sequence[Page] = ()
