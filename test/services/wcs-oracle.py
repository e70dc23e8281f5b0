"""Tells what astropy makes of world coordinates, as JSON: python wcs-oracle.py CASES.json

CASES is a list of {header, pixels: [[x, y], ...]} with 0-based pixels, or {file, hdu, pixels}. For each case:
sky, [[ra, dec], ...] of the pixels, and pixels, those of these positions again.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning

warnings.simplefilter('error')
warnings.simplefilter('ignore', FITSFixedWarning)


def header_of(case):
    if 'file' in case:
        return fits.getheader(case['file'], case['hdu'])
    return fits.Header(case['header'])


def told(case):
    wcs = WCS(header_of(case))
    x, y = np.transpose(case['pixels'])
    ra, dec = wcs.all_pix2world(x, y, 0)
    if wcs.sip is None:
        back = wcs.wcs_world2pix(ra, dec, 0)
    else:
        back = wcs.all_world2pix(ra, dec, 0, tolerance=1e-10, maxiter=60)
    return {'sky': np.transpose([ra, dec]).tolist(), 'pixels': np.transpose(back).tolist()}


print(json.dumps([told(case) for case in json.loads(pathlib.Path(sys.argv[1]).read_text())]))
