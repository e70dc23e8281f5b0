"""What Rubin's lsst-alert-packet, fastavro and astropy make of our alerts, as JSON on standard output.

python alert-oracle.py schema SCHEMA.json     compares our schema with the package's of the same version
python alert-oracle.py read WIRE...           decodes packets by the schema id in their header, opens their stamps
python alert-oracle.py write FOLDER AVRO...   writes the package's sample and these real alerts as 11.1 packets
Integers are told as text, since a reader in another language may round them.
"""

import hashlib
import io
import json
import math
import struct
import sys
from pathlib import Path

import fastavro
from astropy.io import fits
from astropy.nddata import CCDData
from fastavro.schema import fingerprint, to_parsing_canonical_form
from lsst.alert.packet import Schema
from lsst.alert.packet.schema import get_schema_path


def package_schema(major, minor):
    return Schema.from_file(f"{get_schema_path(major, minor)}/lsst.v{major}_{minor}.alert.avsc")


def by_id(schema_id):
    return package_schema(schema_id // 100, schema_id % 100)


def shapes(schema, seen=None):
    """A schema as it is read: names, types, defaults and logical types, without docs and other attributes."""
    seen = {} if seen is None else seen
    if isinstance(schema, list):
        return [shapes(branch, seen) for branch in schema]
    if not isinstance(schema, dict):
        return seen.get(schema, schema)
    if schema["type"] == "array":
        return {"items": shapes(schema["items"], seen)}
    if schema["type"] != "record":
        return {key: schema[key] for key in ("type", "logicalType") if key in schema}
    full_name = schema["name"] if "." in schema["name"] else f"{schema['namespace']}.{schema['name']}"
    fields = [
        {"name": f["name"], "type": shapes(f["type"], seen)} | ({"default": f["default"]} if "default" in f else {})
        for f in schema["fields"]
    ]
    seen[full_name] = {"record": full_name, "fields": fields}
    return seen[full_name]


def compare_schema(path):
    ours = json.loads(Path(path).read_text())
    theirs = package_schema(11, 1).definition
    canonical = to_parsing_canonical_form(ours)
    return {
        "canonical": canonical == to_parsing_canonical_form(theirs),
        "defaultsAndLogicalTypes": shapes(ours) == shapes(theirs),
        "fingerprint": fingerprint(canonical, "CRC-64-AVRO"),
    }


def stamp(data):
    """A stamp by astropy: as CCDData, its planes and where it puts the source on the sky."""
    ccd = CCDData.read(io.BytesIO(data))
    with fits.open(io.BytesIO(data), checksum=True) as hdus:
        hdus.verify("exception")
        header = hdus[0].header
        types = [hdu.data.dtype.name for hdu in hdus]
        planes = [float(hdu.data.astype(float).sum()) for hdu in hdus]
        source = [header["CRPIX1"] - 1, header["CRPIX2"] - 1]
    sky = ccd.wcs.pixel_to_world(*source)
    corner = ccd.wcs.pixel_to_world(0, 0)
    return {
        "unit": str(ccd.unit),
        "shape": list(ccd.data.shape),
        "types": types,
        "sums": planes,
        "uncertainty": ccd.uncertainty.uncertainty_type,
        "psf": list(ccd.psf.shape),
        "source": [sky.ra.deg, sky.dec.deg],
        "corner": [corner.ra.deg, corner.dec.deg],
        "frame": sky.frame.name,
    }


def told(value):
    if isinstance(value, dict):
        return {key: told(item) for key, item in value.items()}
    if isinstance(value, list):
        return [told(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def read(path):
    wire = Path(path).read_bytes()
    magic, schema_id = struct.unpack(">bi", wire[:5])
    assert magic == 0
    schema = by_id(schema_id)
    alert = schema.deserialize(wire[5:])
    again = fastavro.schemaless_reader(io.BytesIO(wire[5:]), schema.definition)
    stamps = {}
    for name in ("cutoutDifference", "cutoutScience", "cutoutTemplate"):
        data = alert.pop(name)
        assert data == again.pop(name)
        stamps[name] = None if data is None else {"sha256": hashlib.sha256(data).hexdigest()} | stamp(data)
    assert told(alert) == told(again)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema.definition, fastavro.schemaless_reader(io.BytesIO(wire[5:]), schema.definition))
    return {"schemaId": schema_id, "alert": told(alert), "stamps": stamps, "sameBytes": body.getvalue() == wire[5:]}


def fitted(schema, value):
    """A record of another version in this one: what it does not know is dropped, what it cannot lack is 0."""
    if isinstance(schema, list):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        return fitted(next(branch for branch in schema if branch != "null"), value)
    if isinstance(schema, str):
        schema = records.get(schema, schema)
    if not isinstance(schema, dict):
        return 0 if value is None and schema in ("int", "long") else value
    if schema["type"] == "array":
        return [fitted(schema["items"], item) for item in value]
    if schema["type"] != "record":
        return value
    return {field["name"]: fitted(field["type"], value.get(field["name"])) for field in schema["fields"]}


def named_records(schema):
    if isinstance(schema, list):
        for branch in schema:
            named_records(branch)
    elif isinstance(schema, dict):
        if schema["type"] == "record":
            records[schema["name"]] = schema
            for field in schema["fields"]:
                named_records(field["type"])
        elif schema["type"] == "array":
            named_records(schema["items"])


records = {}


def write(folder, paths):
    schema = package_schema(11, 1)
    named_records(schema.definition)
    sample = Path(get_schema_path(11, 1)) / "sample_data" / "fakeAlert.avro"
    written = []
    for path in [sample, *paths]:
        with open(path, "rb") as file:
            for alert in fastavro.reader(file):
                # A broker wrote absent records as records of nulls.
                for name in ("diaObject", "ssSource", "mpc_orbits"):
                    record = alert.get(name)
                    if record is not None and all(item is None for item in record.values()):
                        alert[name] = None
                target = Path(folder) / f"{alert['diaSourceId']}.{len(written)}.wire"
                target.write_bytes(struct.pack(">bi", 0, 1101) + schema.serialize(fitted(schema.definition, alert)))
                written.append({"path": str(target), "diaSourceId": str(alert["diaSourceId"])})
    return written


command, *rest = sys.argv[1:]
if command == "schema":
    answer = compare_schema(rest[0])
elif command == "read":
    answer = [read(path) for path in rest]
elif command == "write":
    answer = write(rest[0], rest[1:])
json.dump(answer, sys.stdout)
