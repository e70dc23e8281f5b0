"""Tells what sep makes of an image, as JSON: python sep-oracle.py FILE CELL_WIDTH CELL_HEIGHT RADIUS.

level, rms: of the background, a pixel each; objects: of at least 5 pixels above 1.5 sigma of the image without it, with
the default filter, neither deblended nor cleaned; apertures: exact flux in a circle around each.
"""
import json
import sys

import numpy as np
import sep
from astropy.io import fits

path, cell_width, cell_height, radius = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
image = np.ascontiguousarray(fits.getdata(path).astype(np.float32))
background = sep.Background(image, bw=cell_width, bh=cell_height, fw=3, fh=3)
level = background.back(dtype=np.float32)
clean = image - level
found = sep.extract(clean, 1.5, err=background.globalrms, deblend_cont=1.0, clean=False)
flux, _, _ = sep.sum_circle(clean, found['x'], found['y'], radius, subpix=0)
names = {'x': 'x', 'y': 'y', 'ixx': 'x2', 'iyy': 'y2', 'ixy': 'xy'}
json.dump({
    'globalRms': background.globalrms,
    'level': level.ravel().tolist(),
    'rms': background.rms(dtype=np.float32).ravel().tolist(),
    'objects': [{ours: float(row[theirs]) for ours, theirs in names.items()} for row in found],
    'apertures': flux.tolist(),
}, sys.stdout)
