"""What Rubin's daf_butler finds in a repository of ours, as JSON.

butler-oracle.py REPOSITORY EXPOSURE MESSAGE: the repository's folder, the exposure's id, a pp-output message in a file.
No package of an observatory (obs_*) is needed, or installed.
"""
import json
import sys
import uuid

from lsst.daf.butler import Butler, DatasetIdFactory, DatasetIdGenEnum, DatasetRef, DatasetType, FileDataset
from lsst.sphgeom import LonLat

repository, exposure, message_file = sys.argv[1:]
exposure = int(exposure)
butler = Butler.from_config(repository, writeable=True)
run = "LSSTCam/raw/all"
raws = {"instrument": "LSSTCam"}


def find(where: str) -> list[DatasetRef]:
    return butler.query_datasets("raw", collections=run, where=where, data_id=raws, explain=False, limit=None)


refs = find(f"exposure = {exposure}")
records = {
    name: butler.query_dimension_records(name, where=where, data_id=raws, limit=None)
    for name, where in {
        "exposure": f"exposure = {exposure}",
        "visit": f"visit = {exposure}",
        "visit_definition": f"visit = {exposure}",
        "visit_system_membership": f"visit = {exposure}",
        "visit_detector_region": f"visit = {exposure}",
        "detector": "",
        "physical_filter": "",
    }.items()
}
[row] = records["exposure"]
[visit] = records["visit"]
position = LonLat(visit.region.getCentroid())
point = f"POINT({position.getLon().asDegrees()}, {position.getLat().asDegrees()})"
of_middle = find(f"visit_detector_region.region OVERLAPS {point} AND visit = {exposure}")
factory = DatasetIdFactory()


def same_id(ref: DatasetRef) -> bool:
    return ref.id == factory.makeDatasetId(ref.run, ref.datasetType, ref.dataId, DatasetIdGenEnum.DATAID_TYPE_RUN)


# What daf_butler itself would write of the same exposure is no conflict: False means that nothing had to be written.
synced = {
    name: butler.registry.syncDimensionData(name, records[name][0].toDict())
    for name in ("exposure", "visit", "visit_detector_region")
}

# The message of a processed detector is one that daf_butler takes: its ids are those of these data ids.
message = json.loads(open(message_file).read())
outputs = []
for dataset in message["datasets"]:
    [(id, ref)] = dataset["refs"].items()
    dataset_type = DatasetType(
        ref["dataset_type_name"], ("instrument", "visit", "detector"), "StructuredDataDict", universe=butler.dimensions
    )
    butler.registry.registerDatasetType(dataset_type)
    data_id = butler.registry.expandDataId(ref["data_id"], dimensions=dataset_type.dimensions)
    butler.collections.register(ref["run"])
    outputs.append(DatasetRef(dataset_type, data_id, ref["run"], id=uuid.UUID(id)))
butler.ingest(
    *(
        FileDataset(dataset["path"], ref, formatter="lsst.daf.butler.formatters.json.JsonFormatter")
        for dataset, ref in zip(message["datasets"], outputs)
    ),
    transfer="direct",
    record_validation_info=False,
)

print(
    json.dumps(
        {
            "universe": [butler.dimensions.namespace, butler.dimensions.version],
            "byExposure": len(refs),
            "byVisit": len(find(f"visit = {exposure}")),
            "byDay": len(find(f"day_obs = {row.day_obs} AND exposure.seq_num = {row.seq_num}")),
            "byDate": len(find("raw.ingest_date > T'2025-01-01'")),
            "ofMiddle": [ref.dataId["detector"] for ref in of_middle],
            "sameIds": all(same_id(ref) for ref in refs + outputs),
            "uri": str(butler.getURI(refs[0])),
            "records": {name: len(found) for name, found in records.items()},
            "row": {key: str(value) for key, value in row.toDict().items() if key != "timespan"},
            "timespan": [str(row.timespan.nsec[0]), str(row.timespan.nsec[1])],
            "synced": synced,
            "outputs": [str(ref.id) for ref in outputs],
        }
    )
)
