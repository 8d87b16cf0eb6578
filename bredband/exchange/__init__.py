"""The plan in open formats: plan.json, GeoPackage, address lists, fibre data standard, SvarUt."""

from bredband.exchange.geopackage import write_geopackage
from bredband.exchange.package import plan_document, write_plan_json

__all__ = ["plan_document", "write_geopackage", "write_plan_json"]
