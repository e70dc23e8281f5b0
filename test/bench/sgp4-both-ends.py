"""CPU ms in which sgp4's C++ places a catalogue at two moments, 30 s apart, median. usage: ELEMENTS.jsonl JD_UTC ROUNDS"""
import json
import statistics
import sys
import time

import numpy as np
from sgp4 import omm
from sgp4.api import Satrec, SatrecArray

path, julian_date, rounds = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
satellites = []
for line in open(path):
    fields = {'EPHEMERIS_TYPE': 0, 'CLASSIFICATION_TYPE': 'U', 'OBJECT_ID': '', 'ELEMENT_SET_NO': 1, 'REV_AT_EPOCH': 1,
              'MEAN_MOTION_DOT': 0, 'MEAN_MOTION_DDOT': 0, **json.loads(line)}
    satellite = Satrec()
    omm.initialize(satellite, fields)
    satellites.append(satellite)
catalog = SatrecArray(satellites)
spent = []
for k in range(rounds):
    ends = np.array([0, 30]) / 86400 + k / 100
    begun = time.process_time()
    catalog.sgp4(np.full(2, julian_date), ends)
    spent.append(1000 * (time.process_time() - begun))
print(statistics.median(spent))
