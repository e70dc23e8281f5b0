"""How our OMMs differ from the two lines that they were made of: python elements-oracle.py CATALOG.tle OURS.jsonl

Both are read by the package sgp4, which knows nothing of the project: the lines by its TLE reader, ours by its reader
of OMMs. Element sets stand in the same order in both files. Positions are compared at the epoch and three days from it.
"""

import json
import math
import sys

from sgp4 import omm
from sgp4.alpha5 import from_alpha5
from sgp4.api import Satrec

catalog, ours = sys.argv[1:3]
with open(catalog, encoding='utf-8-sig') as file:
    lines = [line.rstrip('\n') for line in file]
pairs = list(zip(lines[0::2], lines[1::2]))
with open(ours) as file:
    messages = [json.loads(line) for line in file]

told = {'lines': len(pairs), 'messages': len(messages), 'otherNumbers': 0, 'otherLabels': 0}
told |= {'worstEpochSeconds': 0.0, 'worstKm': 0.0, 'positions': 0}
for (first, second), message in zip(pairs, messages):
    theirs, read = Satrec.twoline2rv(first, second), Satrec()
    omm.initialize(read, {keyword: str(value) for keyword, value in message.items()})
    told['otherNumbers'] += from_alpha5(first[2:7]) != message['NORAD_CAT_ID'] or read.satnum != theirs.satnum
    told['otherLabels'] += any(
        getattr(read, label) != getattr(theirs, label)
        for label in ('classification', 'intldesg', 'elnum', 'revnum', 'ephtype')
    )
    # A number and a power of ten multiplied are not always the double that both make as one text.
    told['otherNumbers'] += not all(
        math.isclose(getattr(read, number), getattr(theirs, number), rel_tol=1e-14)
        for number in ('bstar', 'ndot', 'nddot')
    )
    days = (read.jdsatepoch - theirs.jdsatepoch) + (read.jdsatepochF - theirs.jdsatepochF)
    told['worstEpochSeconds'] = max(told['worstEpochSeconds'], abs(days) * 86400)
    for minutes in (0, 4320):
        (error, here, _), (other, there, _) = read.sgp4_tsince(minutes), theirs.sgp4_tsince(minutes)
        told['otherNumbers'] += error != other
        if error == 0:
            told['positions'] += 1
            told['worstKm'] = max(told['worstKm'], math.dist(here, there))
print(json.dumps(told))
