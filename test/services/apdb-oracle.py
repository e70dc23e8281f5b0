"""An APDB file as Rubin's dax_apdb sees it, as JSON on standard output. Integers are told as text.

python apdb-oracle.py read FILE RA DEC HALF            what getDiaObjects and its like find in a square (degrees)
python apdb-oracle.py write FILE VISIT ROWS.json       stores rows of DiaObject, DiaSource, DiaForcedSource, making the
                                                       file where there is none
"""

import json
import math
import sys
from pathlib import Path

import astropy.time
import pandas
from lsst.dax.apdb.sql import ApdbSql, ApdbSqlConfig
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

TIME = astropy.time.Time(61100.0, format="mjd", scale="tai")


def square(ra, dec, half):
    wide = half / math.cos(math.radians(dec))
    corners = [(ra - wide, dec - half), (ra + wide, dec - half), (ra + wide, dec + half), (ra - wide, dec + half)]
    return ConvexPolygon([UnitVector3d(LonLat.fromDegrees(*corner)) for corner in corners])


def told(value):
    if value is None or value is pandas.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "item"):
        value = value.item()
        return told(value) if isinstance(value, float) else str(value) if type(value) is int else value
    return str(value) if type(value) is int else value


def rows(table):
    return [{name: told(value) for name, value in row.items()} for row in table.to_dict("records")]


def read(path, ra, dec, half):
    apdb = ApdbSql(ApdbSqlConfig(db_url=f"sqlite:///{path}"))
    region = square(float(ra), float(dec), float(half))
    objects = apdb.getDiaObjects(region)
    ids = [int(value) for value in objects["diaObjectId"]]
    sources = apdb.getDiaSources(region, ids, TIME)
    visit, detector = (int(sources[name].iloc[0]) for name in ("visit", "detector"))
    return {
        "objects": rows(objects),
        "sources": rows(sources),
        "forcedSources": rows(apdb.getDiaForcedSources(region, ids, TIME)),
        "counts": {name: count for name, count in apdb.tableRowCount().items()},
        "containsVisitDetector": [apdb.containsVisitDetector(visit, detector), apdb.containsVisitDetector(visit, 999)],
    }


def write(path, visit_time, given):
    url = f"sqlite:///{path}"
    if not Path(path).exists():
        ApdbSql.init_database(db_url=url)
    tables = json.loads(Path(given).read_text())
    ids = {"diaObjectId", "diaSourceId", "diaForcedSourceId", "visit"}
    frames = [
        pandas.DataFrame([{k: int(v) if k in ids and v is not None else v for k, v in row.items()} for row in table])
        for table in (tables["objects"], tables["sources"], tables["forcedSources"])
    ]
    time = astropy.time.Time(float(visit_time), format="mjd", scale="tai")
    ApdbSql(ApdbSqlConfig(db_url=url)).store(time, *frames)
    return "stored"


command, *rest = sys.argv[1:]
json.dump(read(*rest) if command == "read" else write(*rest), sys.stdout)
