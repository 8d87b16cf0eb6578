"""Read a scenario from TOML, with faults as sentences and at most one ``extends``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from bredband.errors import ScenarioError
from bredband.scenario.costs import Costs
from bredband.scenario.coverage import CoverageChoices, Target
from bredband.scenario.faults import clauses
from bredband.scenario.network import AreaChoices, NetworkChoices
from bredband.scenario.output import Output
from bredband.scenario.radio import RadioChoices
from bredband.scenario.rollout import Funding, Priorities, Rollout
from bredband.scenario.section import Section
from bredband.scenario.sources import Publisher, Sources
from bredband.scenario.toml_file import read_toml

Model = TypeVar("Model", bound=BaseModel)


class Scenario(Section):
    """One way of planning one county."""

    name: str = Field(min_length=1, max_length=200, description="Navnet på scenariet.")
    county: str = Field(min_length=1, max_length=200, description="Navnet på fylket.")
    description: str = Field("", description="Hva scenariet viser.")
    synthetic: bool = Field(
        False, description="Sant når noe av grunnlaget er syntetisk; vises overalt."
    )
    synthetic_note: str = Field("", description="Hva som er syntetisk, med én setning. Tom = alt.")
    sources: Sources = Field(description="Filene fylket har.")
    publishers: dict[str, Publisher] = Field(
        default_factory=dict,
        description="Utgiver, lisens og dato per kilde (navnet fra sources); «*» gjelder de andre.",
    )
    target: Target = Field(default_factory=Target, description="Hastigheten alle skal ha.")
    coverage: CoverageChoices = Field(
        default_factory=CoverageChoices, description="Hvem som regnes som dekket."
    )
    costs: Costs = Field(default_factory=Costs, description="Priser.")
    network: NetworkChoices = Field(
        default_factory=NetworkChoices, description="Grenser for grøftetreet."
    )
    areas: AreaChoices = Field(
        default_factory=AreaChoices, description="Størrelsen på utbyggingsområdene."
    )
    radio: RadioChoices = Field(
        default_factory=RadioChoices, description="Fast trådløst fra master."
    )
    funding: Funding = Field(default_factory=Funding, description="Hvem som betaler hva.")
    priorities: Priorities = Field(default_factory=Priorities, description="Hva som teller mest.")
    rollout: Rollout = Field(description="Rammer per år og regler for rekkefølgen.")
    output: Output = Field(default_factory=Output, description="Kart og dokumenter.")
    folder: Path = Field(
        Path(), description="Mappa som kildenes stier er relative til.", exclude=True
    )

    def only(self, *sections: str) -> Scenario:
        """Give a scenario with these fields and no other, for a stage that reads no other.

        ``coverage.match_distance_m`` is one field of a section. Reading any other field is an
        ``AttributeError``, so that a stage's address in ``store`` can name what it reads and
        not more.
        """
        part = _bared(self, {name.split(".")[0] for name in sections} | {"folder"})
        for name in {name.split(".")[0] for name in sections if "." in name}:
            fields = {path.split(".")[1] for path in sections if path.startswith(f"{name}.")}
            part.__dict__[name] = _bared(getattr(self, name), fields)
        return part


def _bared(model: Model, kept: set[str]) -> Model:
    """Copy a model without the fields that are not kept."""
    part = model.model_copy()
    for name in part.__dict__.keys() - kept:
        del part.__dict__[name]
    return part


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path
        A TOML file. ``extends = "other.toml"`` takes every value that this file does not
        set from the other file, which must not itself extend a third.

    Raises
    ------
    ScenarioError
        With all faults at once, each with its key and what is allowed.
    """
    file = Path(path)
    values = read_toml(file)
    base_name = values.pop("extends", None)
    folder = file.parent
    if base_name is not None:
        base_file = file.parent / str(base_name)
        base = read_toml(base_file)
        if "extends" in base:
            raise ScenarioError(
                f"{file}: «extends» peker på {base_file}, som selv har «extends».",
                advice="Bare ett ledd er tillatt: la scenariet bygge direkte på grunnscenariet.",
            )
        folder = base_file.parent
        values = _merge(base, values)
    _find_beside(folder, values.get("output"), "docx_template")
    _find_beside(folder, values.get("rollout"), "earlier_plan")
    try:
        return Scenario.model_validate({**values, "folder": folder.resolve()})
    except ValidationError as fault:
        raise ScenarioError(f"{file}: " + "; ".join(clauses(fault, Scenario))) from None


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _find_beside(folder: Path, section: Any, key: str) -> None:
    """Make a path that a section names relative to the scenario file a whole one."""
    if isinstance(section, dict) and section.get(key):
        named = str(section[key])
        if "\0" not in named:  # no system has such a file: whoever looks for it says so
            section[key] = str((folder / named).resolve())
