"""The scenario form: made from the scenario's own model, and read back into it."""

from bredband.studio.form.fields import COUNTY_FIELDS, LEVERS, Field, fields, lever_paths, sections
from bredband.studio.form.values import Form, by_field, number_text, read_form, shown_values
from bredband.studio.form.verdict import filled, judge

__all__ = [
    "COUNTY_FIELDS",
    "LEVERS",
    "Field",
    "Form",
    "by_field",
    "fields",
    "filled",
    "judge",
    "lever_paths",
    "number_text",
    "read_form",
    "sections",
    "shown_values",
]
