"""Geometry of 2,000 moments from 2010 to 2027 by astropy: python frames-oracle.py > frames.json

A line of numbers a moment: MJD in TAI; the x, y and z axes of TEME in the GCRS; the observatory about the geocentre in the
GCRS, km and km/s; the geocentre's velocity about the Solar System's centre over that of light.
"""

import json

import astropy.units as u
import astropy_iers_data
import numpy as np
from astropy.coordinates import GCRS, TEME, CartesianRepresentation, EarthLocation, get_body_barycentric_posvel
from astropy.time import Time
from astropy.utils import iers

SITE = EarthLocation.from_geodetic(-70.749417 * u.deg, -30.244639 * u.deg, 2663 * u.m)
LIGHT_KM_S = 299792.458

iers.conf.auto_download = False
iers.earth_orientation_table.set(iers.IERS_A.open(astropy_iers_data.IERS_A_FILE))
tai = np.round(np.random.default_rng(5).uniform(55198, 61706, 2000), 8)
time = Time(np.floor(tai), tai - np.floor(tai), format='mjd', scale='tai').utc


def in_gcrs(axis):
    teme = TEME(CartesianRepresentation(np.outer(axis, np.ones(time.shape)) * u.km), obstime=time)
    return teme.transform_to(GCRS(obstime=time)).cartesian.xyz.to_value(u.km)


place, velocity = SITE.get_gcrs_posvel(time)
earth = get_body_barycentric_posvel('earth', time)[1]
columns = [tai, *(in_gcrs(axis) for axis in np.eye(3)), place.xyz.to_value(u.km), velocity.xyz.to_value(u.km / u.s),
           earth.xyz.to_value(u.km / u.s) / LIGHT_KM_S]
print(json.dumps(np.vstack(columns).T.tolist()))
