"""Every address of the studio, and the function that answers there."""

from __future__ import annotations

from starlette.routing import Route

from bredband.studio import app, counties, results, scenarios

ROUTES = [
    Route("/", counties.home),
    Route("/utseende/{name}", app.asset),
    Route("/maalform", app.choose_language, methods=["POST"]),
    Route("/fylke", counties.add, methods=["POST"]),
    Route("/fylke/{county}", counties.show),
    Route("/fylke/{county}/fil", counties.upload, methods=["PUT"]),
    Route("/fylke/{county}/kilder", counties.sort_files, methods=["POST"]),
    Route("/fylke/{county}/les", counties.look, methods=["POST"]),
    Route("/fylke/{county}/avbryt", counties.cancel, methods=["POST"]),
    Route("/fylke/{county}/slett", counties.delete, methods=["POST"]),
    Route("/fylke/{county}/hendelser", counties.events),
    Route("/fylke/{county}/oversikt.json", counties.picture),
    Route("/fylke/{county}/nytt", scenarios.blank),
    Route("/fylke/{county}/nytt", scenarios.save_new, methods=["POST"]),
    Route("/fylke/{county}/sjekk", scenarios.check, methods=["POST"]),
    Route("/scenario/{scenario}", scenarios.show),
    Route("/scenario/{scenario}/endre", scenarios.edit),
    Route("/scenario/{scenario}/endre", scenarios.save_old, methods=["POST"]),
    Route("/scenario/{scenario}/kjor", scenarios.run, methods=["POST"]),
    Route("/scenario/{scenario}/avbryt", scenarios.cancel, methods=["POST"]),
    Route("/scenario/{scenario}/slett", scenarios.delete, methods=["POST"]),
    Route("/scenario/{scenario}/hendelser", scenarios.events),
    Route("/scenario/{scenario}/oversikt.json", results.picture),
    Route("/scenario/{scenario}/kart", results.council_map),
    Route("/scenario/{scenario}/hvorfor", results.why),
    Route("/scenario/{scenario}/hvorfor/{area}", results.why_area),
    Route("/scenario/{scenario}/fil/{name}", results.download),
    Route("/sammenlign", results.compare),
    Route("/sammenlign/kart", results.comparison_map),
]
