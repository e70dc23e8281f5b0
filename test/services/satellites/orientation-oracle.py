"""The Earth's orientation as astropy reads IERS's finals2000A: python orientation-oracle.py > orientation.json

Prints the path of the file and its release, and at every quarter of a day from 2010 to the end of its predictions:
MJD (UTC), UT1 - UTC in seconds, pole x and y in arcseconds; at 0 h also the stated error of UT1 - UTC in seconds.
"""

import json
from importlib.metadata import version

import astropy.units as u
import astropy_iers_data
import numpy as np
from astropy.utils.iers import IERS_A

table = IERS_A.open(astropy_iers_data.IERS_A_FILE)
days = table['MJD'].to_value(u.d)
mjd = np.arange(55197, days[-1], 0.25)
ut1 = table.ut1_utc(2400000.5, mjd).to_value(u.s)
x, y = (pole.to_value(u.arcsec) for pole in table.pm_xy(2400000.5, mjd))
errors = np.column_stack([days, table['e_UT1_UTC_A'].to_value(u.s)])
print(json.dumps({
    'finals': astropy_iers_data.IERS_A_FILE,
    'release': f"astropy-iers-data {version('astropy-iers-data')}",
    'moments': np.column_stack([mjd, ut1, x, y]).tolist(),
    'errors': errors[days >= 55197].tolist(),
}))
