"""Who is served, by what, how sure we are, and who may be helped by law."""

from bredband.coverage.assessment import assess

__all__ = ["assess"]
