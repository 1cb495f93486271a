"""merger: moves pending work when administrative units are merged, and proves that nothing is lost."""

__version__ = "0.1.0"
