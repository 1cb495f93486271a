"""The frame of the pages: application, sessions, rights, limits, layout."""
