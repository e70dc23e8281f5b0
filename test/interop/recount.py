"""Recounts a simulated night without a line of Nightshift: truth tables, wire packets, archive and APDB file.

usage: recount.py TRUTH_DIR PACKETS_DIR ARCHIVE_DIR APDB_FILE WIDTH HEIGHT

PACKETS_DIR holds what `nightshift consume --out` wrote. Packets are decoded by fastavro with the schema of
lsst-alert-packet. Prints one JSON object.
"""
import csv, glob, gzip, io, json, math, os, re, sqlite3, struct, sys
from collections import defaultdict
import fastavro
import numpy as np
from astropy.io import fits
from lsst.alert.packet import SchemaRegistry

truth_dir, packets_dir, archive_dir, apdb_file = sys.argv[1:5]
width, height = int(sys.argv[5]), int(sys.argv[6])

registry = SchemaRegistry.all_schemas_from_filesystem()
schemas = {}


def decode(wire):
    magic, schema_id = struct.unpack(">bi", wire[:5])
    assert magic == 0, "not Confluent framing"
    if schema_id not in schemas:
        schemas[schema_id] = registry.get_by_version(f"{schema_id // 100}.{schema_id % 100}").definition
    body = io.BytesIO(wire[5:])
    alert = fastavro.schemaless_reader(body, schemas[schema_id])
    assert not body.read(1), "bytes behind the alert"
    return alert


def unit(ra, dec):
    ra, dec = math.radians(ra), math.radians(dec)
    return np.array([math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)])


def arcsec(a, b):
    return math.degrees(2 * math.asin(min(1, np.linalg.norm(unit(*a) - unit(*b)) / 2))) * 3600


def line_distance(x, y, x1, y1, x2, y2):
    dx, dy = x2 - x1, y2 - y1
    t = min(1, max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy or 1)))
    return math.hypot(x - x1 - t * dx, y - y1 - t * dy)


with open(os.path.join(truth_dir, "sources.csv")) as file:
    truth = list(csv.DictReader(file))
with open(os.path.join(truth_dir, "visits.csv")) as file:
    visits = {row["visit"]: row for row in csv.DictReader(file)}

packets = {}
duplicated = 0
for path in sorted(glob.glob(os.path.join(packets_dir, "*.wire"))):
    name = re.fullmatch(r"(\d+)(\.\d+)?\.wire", os.path.basename(path))
    if name.group(2):
        duplicated += 1
        continue
    with open(path, "rb") as file:
        wire = file.read()
    alert = decode(wire)
    assert alert["diaSourceId"] == int(name.group(1)) == alert["diaSource"]["diaSourceId"]
    packets[alert["diaSourceId"]] = (alert, wire)

archived = {}
for path in glob.glob(os.path.join(archive_dir, "v2", "alerts", "*", "*.avro.gz")):
    number = int(os.path.basename(path).split(".")[0])
    with gzip.open(path) as file:
        archived[number] = file.read()
rows = {row[0] for row in sqlite3.connect(f"file:{apdb_file}?mode=ro", uri=True).execute('SELECT "diaSourceId" FROM "DiaSource"')}

lost = len(rows - packets.keys()) + len(packets.keys() - archived.keys())
differing = sum(archived.get(number) != wire for number, (_, wire) in packets.items())

by_place = defaultdict(list)
for row in truth:
    by_place[row["visit"], int(row["detector"])].append(row)
alerts_at = defaultdict(list)
for alert, _ in packets.values():
    source = alert["diaSource"]
    alerts_at[str(source["visit"]), source["detector"]].append(alert)

changing = ("supernova", "variable", "asteroid")
injected = recovered = false_alerts = satellites = trails = true_alerts = 0
flux_ratio, pulls, dra, ddec, wrong = [], [], [], [], []
per_detector = []
for place, simulated in by_place.items():
    alerts = alerts_at.get(place, [])
    saturated = [(float(r["x"]), float(r["y"])) for r in simulated if r["saturated"] == "1"]
    here = 0
    for row in simulated:
        if row["kind"] not in changing or abs(float(row["snr"])) < 10:
            continue
        x, y = float(row["x"]), float(row["y"])
        if min(x, y, width - 1 - x, height - 1 - y) < 20 or any(math.hypot(x - a, y - b) < 60 for a, b in saturated):
            continue
        injected += 1
        here += 1
        position, flux = (float(row["ra"]), float(row["dec"])), float(row["flux"])
        found = [a for a in alerts if arcsec((a["diaSource"]["ra"], a["diaSource"]["dec"]), position) <= 1
                 and (a["diaSource"]["psfFlux"] > 0) == (flux > 0)]
        if not found:
            continue
        recovered += 1
        source = found[0]["diaSource"]
        visit = visits[row["visit"]]
        if source["band"] != visit["band"] or source["midpointMjdTai"] != float(visit["midpointMjdTai"]):
            wrong.append([str(source["diaSourceId"]), source["band"], source["midpointMjdTai"], visit["midpointMjdTai"]])
        if abs(float(row["snr"])) >= 20:
            flux_ratio.append(source["psfFlux"] / flux)
            pulls.append((source["psfFlux"] - flux) / source["psfFluxErr"])
            dra.append((source["ra"] - position[0]) * math.cos(math.radians(position[1])) * 3600)
            ddec.append((source["dec"] - position[1]) * 3600)
    per_detector.append(here)
    for alert in alerts:
        source = alert["diaSource"]
        point = [r for r in simulated if not r["x1"]]
        near = [r for r in point if arcsec((source["ra"], source["dec"]), (float(r["ra"]), float(r["dec"]))) <= 1.5]
        on_streak = {r["kind"] for r in simulated if r["x1"] and line_distance(
            source["x"], source["y"], float(r["x1"]), float(r["y1"]), float(r["x2"]), float(r["y2"])) <= 6}
        is_transient = any(r["kind"] in changing and (float(r["flux"]) > 0) == (source["psfFlux"] > 0)
                           and arcsec((source["ra"], source["dec"]), (float(r["ra"]), float(r["dec"]))) <= 1 for r in near)
        true_alerts += is_transient
        if not near and not on_streak:
            false_alerts += 1
        if not is_transient:
            satellites += "satellite" in on_streak
            trails += "uncatalogued" in on_streak

# Stamps of up to 50 alerts open as FITS with image, uncertainty and PSF planes and world coordinates.
stamps = 0
for alert, _ in list(packets.values())[:50]:
    for name in ("cutoutDifference", "cutoutScience", "cutoutTemplate"):
        with fits.open(io.BytesIO(alert[name])) as hdus:
            assert [hdu.name for hdu in hdus][1:] == ["UNCERT", "PSFIMAGE"], [hdu.name for hdu in hdus]
            assert hdus[0].data.shape == hdus["UNCERT"].data.shape and "CRVAL1" in hdus[0].header
        stamps += 1

print(json.dumps({
    "alerts": len(packets), "archived": len(archived), "lost": lost, "duplicated": duplicated, "differing": differing,
    "bothOwners": sum((a["diaObject"] is None) == (a["ssSource"] is None) for a, _ in packets.values()),
    "detectorVisits": len(by_place), "fewestInjected": min(per_detector), "injected": injected, "recovered": recovered,
    "falseAlerts": false_alerts, "trueAlerts": true_alerts, "satellitesPublished": satellites,
    "uncataloguedTrailsPublished": trails, "stampsOpened": stamps, "wrongBandOrTime": wrong[:5],
    "bright": {"count": len(pulls), "fluxRatioMedian": float(np.median(flux_ratio)), "pullStd": float(np.std(pulls)),
               "meanRaArcsec": float(np.mean(dra)), "meanDecArcsec": float(np.mean(ddec))} if pulls else None,
}))
