"""Where catalogued satellites stand among the stars: python positions-oracle.py CATALOG.tle > positions.json

Nothing of the project's is used. SGP4 by the package sgp4; frames, the Earth's orientation (IERS Bulletin A, daily) and
its motion by astropy and ERFA. The star-tied place is told in two ways that share no formula:

- star: light time between satellite and observer in the GCRS; the aberration of the observer's motion about the
  geocentre; then astropy's GCRS to ICRS of that direction (no distance) for this observer, place and velocity.
- barycentric: the straight line, in the Solar System's frame, from where the observer is when the light arrives to where
  the satellite was when it left. A star and a satellite seen in one direction have parallel lines, whatever the
  observer's motion, so no aberration enters.

Element sets are drawn by regime, times within three days of their epoch at which the satellite is above 10 degrees.
"""

import json
import sys

import astropy.units as u
import astropy_iers_data
import erfa
import numpy as np
from astropy.coordinates import (
    GCRS,
    ICRS,
    TEME,
    CartesianRepresentation,
    EarthLocation,
    SkyCoord,
    get_body_barycentric,
)
from astropy.time import Time
from astropy.utils import iers
from sgp4.api import Satrec

SITE = EarthLocation.from_geodetic(-70.749417 * u.deg, -30.244639 * u.deg, 2663 * u.m)
LIGHT_KM_S = 299792.458
# Of each regime so many, which are 2,000.
WANTED = {'low': 1000, 'middle': 300, 'geosynchronous': 350, 'eccentric': 350}


def regime_of(satellite):
    revolutions = satellite.no_kozai * 1440 / (2 * np.pi)
    if satellite.ecco >= 0.25:
        return 'eccentric'
    if revolutions >= 11.25:
        return 'low'
    return 'geosynchronous' if 0.9 < revolutions < 1.1 else 'middle'


def catalogue(path):
    lines = [line.rstrip() for line in open(path, encoding='utf-8-sig')]
    pairs = [(a, b) for a, b in zip(lines, lines[1:]) if a.startswith('1 ') and b.startswith('2 ')]
    return list({a[2:7]: (a, b) for a, b in pairs}.values())


def teme_km(satellites, time):
    """One position a satellite and time; NaN where SGP4 tells none."""
    told = [satellite.sgp4(*at) for satellite, *at in zip(satellites, time.utc.jd1, time.utc.jd2)]
    return np.array([[np.nan] * 3 if error else place for error, place, _ in told])


def gcrs_km(satellites, time, equinox=0.0):
    """Geocentric; `equinox` is by how much TEME is turned about its pole beforehand, radians."""
    place = np.einsum('...ij,...j', erfa.rz(np.broadcast_to(equinox, time.shape), np.eye(3)), teme_km(satellites, time))
    teme = TEME(CartesianRepresentation(place.T * u.km), obstime=time)
    return teme.transform_to(GCRS(obstime=time)).cartesian.xyz.to_value(u.km).T


def times_up(draw, satellites):
    """A time a satellite at which it is above 10 degrees, to a tenth of one; NaN where 300 tries find none."""
    up = np.array([np.cos(SITE.lat) * np.cos(SITE.lon), np.cos(SITE.lat) * np.sin(SITE.lon), np.sin(SITE.lat)])
    here = np.array([part.to_value(u.km) for part in SITE.geocentric])
    found = []
    for satellite in satellites:
        days = satellite.jdsatepochF + draw.uniform(-3, 3, 300)
        whole = np.full(300, satellite.jdsatepoch)
        error, place, _ = satellite.sgp4_array(whole, days)
        separation = np.einsum('...ij,...j', erfa.rz(erfa.gmst82(whole, days), np.eye(3)), place) - here
        high = separation @ up > np.sin(np.radians(10)) * np.linalg.norm(separation, axis=1)
        chosen = np.flatnonzero(high & (error == 0))
        found.append(satellite.jdsatepoch - 2400000.5 + days[chosen[0]] if len(chosen) else np.nan)
    return np.array(found)


def star_places(satellites, time, equinox=0.0):
    """Unit vectors in the ICRS and ranges in km."""
    place, velocity = SITE.get_gcrs_posvel(time)
    observer = place.xyz.to_value(u.km).T
    speed = velocity.xyz.to_value(u.km / u.s).T / LIGHT_KM_S
    late = np.zeros(time.shape)
    for _ in range(3):
        separation = gcrs_km(satellites, time - late * u.s, equinox) - observer
        range_km = np.linalg.norm(separation, axis=1)
        late = range_km / LIGHT_KM_S
    slower = np.sqrt(1 - np.sum(speed**2, axis=1))
    apparent = erfa.ab(separation / range_km[:, None], speed, np.ones(time.shape), slower)
    frame = GCRS(obstime=time, obsgeoloc=place, obsgeovel=velocity)
    star = SkyCoord(CartesianRepresentation(apparent.T), frame=frame).transform_to(ICRS())
    return star.cartesian.xyz.value.T, range_km


def barycentric_places(satellites, time):
    observer = SITE.get_gcrs_posvel(time)[0].xyz.to_value(u.km).T
    earth = lambda at: get_body_barycentric('earth', at).xyz.to_value(u.km).T
    arrival = earth(time) + observer
    late = np.zeros(time.shape)
    for _ in range(3):
        left = time - late * u.s
        line = earth(left) + gcrs_km(satellites, left) - arrival
        late = np.linalg.norm(line, axis=1) / LIGHT_KM_S
    return line / np.linalg.norm(line, axis=1)[:, None]


def without_turns(time, star):
    """The same places with precession, or nutation, left out of the way from the true equator of date to the ICRS."""
    tt = time.tt.jd1, time.tt.jd2
    bias, precession, _ = erfa.bp06(*tt)
    nutation = erfa.num06a(*tt)
    true = np.einsum('...ij,...jk,...kl,...l', nutation, precession, bias, star)
    mean = np.einsum('...ji,...j', nutation, true)
    return {
        'precession': np.einsum('...ji,...j', bias, mean),
        'nutation': np.einsum('...ji,...kj,...k', bias, precession, true),
    }


def main():
    iers.conf.auto_download = False
    iers.earth_orientation_table.set(iers.IERS_A.open(astropy_iers_data.IERS_A_FILE))
    draw = np.random.default_rng(2022)
    sets = catalogue(sys.argv[1])
    draw.shuffle(sets)
    pairs = [(lines, Satrec.twoline2rv(*lines)) for lines in sets]
    chosen, days = [], []
    for regime, wanted in WANTED.items():
        among = [pair for pair in pairs if regime_of(pair[1]) == regime]
        when = times_up(draw, [satellite for _, satellite in among[: 3 * wanted]])
        seen = np.flatnonzero(np.isfinite(when))[:wanted]
        chosen += [(regime, *among[index]) for index in seen]
        days += [when[index] for index in seen]
    # The nearest double of the MJD in TAI, rounded to a millisecond, is the time itself: nothing is lost on the way.
    tai = np.round(Time(np.array(days), format='mjd', scale='utc').tai.mjd, 8)
    time = Time(np.floor(tai), tai - np.floor(tai), format='mjd', scale='tai').utc
    satellites = [satellite for _, _, satellite in chosen]
    star, range_km = star_places(satellites, time)
    # What TEME lacks to the true equinox; the observer's sidereal time is left as it is.
    equinox = erfa.ee06a(time.tt.jd1, time.tt.jd2)
    left_out = {**without_turns(time, star), 'equinoxes': star_places(satellites, time, equinox)[0]}
    columns = {'star': star, 'barycentric': barycentric_places(satellites, time)}
    print(json.dumps([
        {
            'regime': regime,
            'lines': lines,
            'mjdTai': tai[index],
            'rangeKm': range_km[index],
            **{name: values[index].tolist() for name, values in columns.items()},
            'without': {term: values[index].tolist() for term, values in left_out.items()},
        }
        for index, (regime, lines, _) in enumerate(chosen)
    ]))


main()
