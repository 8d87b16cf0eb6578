"""Every sentence about the size of an area, in bokmål and nynorsk."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "none": "Området har ingen husstander; grensen er {fewest}.",
        "one": "Området har én husstand, færre enn grensen på {fewest}.",
        "few": "Området har {households} husstander, færre enn grensen på {fewest}.",
        "alone": "Det er ikke noe annet område å slå det sammen med.",
        "kommune": "«{name}» ligger nærmest, men i en annen kommune.",
        "full": "Sammen med «{name}» ville det fått {sum} husstander, over grensen på {most}.",
        "dear": "Sammen med «{name}» ville det kostet {sum}, over grensen på {most}.",
        "branch": "«{name}» henger på en annen gren av grøfta.",
        "far": "«{name}» ligger for langt unna til at de to henger sammen ({km} km).",
        "above": "Området koster {capex}, over grensen på {most}; det lar seg ikke dele i to som "
        "begge er store nok og billigere.",
    },
    "nn": {
        "none": "Området har ingen husstandar; grensa er {fewest}.",
        "one": "Området har éin husstand, færre enn grensa på {fewest}.",
        "few": "Området har {households} husstandar, færre enn grensa på {fewest}.",
        "alone": "Det finst ikkje noko anna område å slå det saman med.",
        "kommune": "«{name}» ligg nærmast, men i ein annan kommune.",
        "full": "Saman med «{name}» ville det fått {sum} husstandar, over grensa på {most}.",
        "dear": "Saman med «{name}» ville det kosta {sum}, over grensa på {most}.",
        "branch": "«{name}» heng på ei anna grein av grøfta.",
        "far": "«{name}» ligg for langt unna til at dei to heng saman ({km} km).",
        "above": "Området kostar {capex}, over grensa på {most}; det let seg ikkje dele i to som "
        "begge er store nok og billegare.",
    },
}
