"""Tells which satellites cross random pointings, and where, as JSON lines, one a pointing:

    python satellite-truth.py CATALOG.tle SEED FIRST COUNT BOXES

The orbits are Brandon Rhodes's sgp4 (the published C++), everything else is astropy with its own tables. Pointings are of 30 s
with the Sun down on Cerro Pachon, at altitudes of 30 to 87 degrees, in the nights around 2022-08-09. Each line is
{beginMjdTai, endMjdTai, raDeg, decDeg, lost, crossers, boxes}:

lost      how many satellites have no place, or places that run away, faster than any orbit: what has come down
crossers  {norad, regime, ageDays, rangeKm, degreesASecond, places, displaced}, the last two lists of [ra, dec] in the field
          while the shutter is open: as the elements have it, and of a satellite that is late or early by up to a second a
          day of their age, and beside its orbit by a draw of SIGMA_KM
boxes     [ra, dec] of four corners of boxes farther than 60" from every path, in the padded exposure, of a satellite whose
          elements are less than a day old
"""
import json
import sys

import numpy as np
from astropy import units as u
from astropy.coordinates import (GCRS, ICRS, ITRS, TEME, AltAz, CartesianRepresentation, EarthLocation, SkyCoord,
                                 UnitSphericalRepresentation)
from astropy.time import Time, TimeDelta
from astropy.utils import iers
from sgp4.api import Satrec, SatrecArray

iers.conf.auto_download = False

SITE = EarthLocation.from_geodetic(-70.749417 * u.deg, -30.244633 * u.deg, 2662.75 * u.m)
# UTC hours in which the Sun is 12 degrees below the horizon there, of the two nights whose elements the catalogue holds.
NIGHTS = [('2022-08-09', 0.0, 10.3), ('2022-08-09', 23.3, 34.3)]
EXPOSURE = 30.0
FIELD = np.radians(1.75)
FRESH_DAYS = 1.0
CLEAR = 60.0
LIGHT = 299792.458
ARCSEC = np.radians(1 / 3600)
# Across the orbit at the epoch, and what a day adds; seconds along it a day.
SIGMA_KM = (0.1, 0.05)
LATE_A_DAY = 1.0
# Nothing that stays with the Earth is faster, in km/s; the observer's own 0.4 is added.
FASTEST = 11.2 + 0.5
# Arcseconds between places of a path, and the longest step in seconds.
STEP_ARCSEC = 20.0
LONGEST_STEP = 1.0


def read_catalog(path):
    """Pairs of lines; numbers as they stand, alpha-5 and all."""
    lines = [line.rstrip() for line in open(path, encoding='utf-8-sig') if line.strip()]
    return [(a[2:7].strip(), Satrec.twoline2rv(a, b)) for a, b in zip(lines[::2], lines[1::2])]


def unit(coordinates):
    xyz = coordinates.cartesian.xyz.value
    return (xyz / np.linalg.norm(xyz, axis=0)).T


class Frames:
    """
    The turn from TEME to the GCRS and the observer's place, from astropy every quarter of a second around a moment, and
    between by lines: off by less than a millimetre.
    """

    def __init__(self, middle):
        half = padded_half(FRESH_DAYS) + 0.25
        self.middle = middle
        self.seconds = np.linspace(-half, half, int(8 * half) + 1)
        times = middle + TimeDelta(self.seconds, format='sec')
        axes = CartesianRepresentation(np.tile(1e4 * np.eye(3)[:, :, None], len(times)) * u.km)
        teme = TEME(axes, obstime=times)
        gcrs = teme.transform_to(ITRS(obstime=times)).transform_to(GCRS(obstime=times))
        self.turns = np.moveaxis(gcrs.cartesian.xyz.to_value(u.km), 2, 0) / 1e4
        self.observers = SITE.get_gcrs_posvel(times)[0].xyz.to_value(u.km).T

    def place(self, records, seconds, delay=0.0, across=0.0):
        """Km from the observer (GCRS axes) of satellites `across` km beside where sgp4 has them `delay` before; the errors."""
        days = np.broadcast_to((seconds - delay) / 86400, seconds.shape)
        utc = self.middle.utc
        error, place, motion = records.sgp4(np.full(len(days), utc.jd1), utc.jd2 + days)
        pole = np.cross(place, motion)
        place = place + across * pole / np.linalg.norm(pole, axis=-1)[..., None]
        return np.einsum('tij,stj->sti', between(self.seconds, self.turns, seconds), place), error

    def observer(self, seconds):
        return between(self.seconds, self.observers, seconds)


def between(grid, values, at):
    index = np.clip(np.searchsorted(grid, at) - 1, 0, len(grid) - 2)
    part = (at - grid[index]) / (grid[1] - grid[0])
    part = part.reshape((-1,) + (1,) * (values.ndim - 1))
    return (1 - part) * values[index] + part * values[index + 1]


def star_tied(frames, satellite, seconds, delay=0.0, across=0.0):
    """
    Unit vectors (ICRS) and ranges (km): GCRS direction without distance, by the observer's motion (at the middle, which
    changes it by 0.001" at most) to ICRS.
    """
    record = SatrecArray([satellite])
    here = frames.observer(seconds)
    late = np.zeros(len(seconds))
    for _ in range(2):
        there, error = frames.place(record, seconds - late, delay, across)
        if error.any():
            raise ValueError('sgp4 has no place for a satellite that it has places for a second before and after')
        separation = there[0] - here
        ranges = np.linalg.norm(separation, axis=1)
        late = ranges / LIGHT
    direction = CartesianRepresentation((separation / ranges[:, None]).T).represent_as(UnitSphericalRepresentation)
    place, velocity = SITE.get_gcrs_posvel(frames.middle)
    seen = GCRS(direction, obstime=frames.middle, obsgeoloc=place, obsgeovel=velocity)
    return unit(seen.transform_to(ICRS())), ranges


def pointing(random):
    day, first, last = NIGHTS[random.integers(len(NIGHTS))]
    middle = Time(day, scale='utc') + TimeDelta(random.uniform(first, last) * 3600, format='sec')
    # Uniform over the sky between the two altitudes.
    altitude = np.degrees(np.arcsin(random.uniform(np.sin(np.radians(30)), np.sin(np.radians(87)))))
    sky = AltAz(alt=altitude * u.deg, az=random.uniform(0, 360) * u.deg, obstime=middle, location=SITE)
    return middle, SkyCoord(sky).transform_to(ICRS())


def angles(places, axis):
    return np.arccos(np.clip(places @ axis, -1, 1))


def padded_half(age):
    return EXPOSURE / 2 + 2 + age


def candidates(records, middle, boresight):
    """Indices of the satellites that may come near the field, from a place at the middle and 11.7 km/s; and the lost."""
    error, place, _ = records.sgp4(np.array([middle.utc.jd1]), np.array([middle.utc.jd2]))
    lost = error[:, 0] != 0
    observer = SITE.get_itrs(middle).transform_to(TEME(obstime=middle)).cartesian.xyz.to_value(u.km)
    axis = unit(boresight.transform_to(GCRS(obstime=middle)).transform_to(ITRS(obstime=middle))
                .transform_to(TEME(obstime=middle)))
    separation = place[:, 0, :] - observer
    ranges = np.linalg.norm(separation, axis=1)
    reach = np.arcsin(np.minimum(1, FASTEST * padded_half(FRESH_DAYS) / ranges))
    near = angles(separation / ranges[:, None], axis) < reach + FIELD + np.radians(1.5)
    return np.flatnonzero(~lost & near), int(lost.sum())


def stretches(catalog, near, frames, axis):
    """
    Of each of these satellites that comes near the field, its index, the seconds from the middle between
    which it does and the greatest speed in radians a second, from places every quarter of a second without light time and
    aberration;
    and how many are lost on the way.
    """
    seconds = frames.seconds
    there, error = frames.place(SatrecArray([catalog[index][1] for index in near]), seconds)
    separation = there - frames.observers
    ranges = np.linalg.norm(separation, axis=2)
    places = separation / ranges[:, :, None]
    steps = np.arccos(np.clip((places[:, 1:] * places[:, :-1]).sum(axis=2), -1, 1))
    rate = 1 / (seconds[1] - seconds[0])
    lost = (error != 0).any(axis=1) | ((steps * ranges[:, 1:]).max(axis=1) * rate > FASTEST)
    found = []
    for row in np.flatnonzero(~lost):
        # Twice the longest step: a path turns about the zenith, and the fastest part may lie between two places.
        longest = steps[row].max()
        close = np.flatnonzero(angles(places[row], axis) < FIELD + np.radians(0.1) + 2 * longest)
        if close.size > 0:
            begin, end = seconds[max(0, close[0] - 1)], seconds[min(len(seconds) - 1, close[-1] + 1)]
            found.append((near[row], begin, end, longest * rate))
    return found, int(lost.sum())


def moments(begin, end, speed, half):
    """Seconds from the middle, at most 20" of path apart, and both ends of the exposure where they are among them."""
    begin, end = max(begin, -half), min(end, half)
    step = min(LONGEST_STEP, STEP_ARCSEC * ARCSEC / (1.5 * speed))
    seconds = np.unique(np.concatenate([np.arange(begin, end, step), [end, -EXPOSURE / 2, EXPOSURE / 2]]))
    return seconds[(seconds >= begin) & (seconds <= end)]


def seen_in_field(seconds, places, axis):
    """The places of a path in the field while the shutter is open."""
    return places[(np.abs(seconds) <= EXPOSURE / 2) & (angles(places, axis) < FIELD)]


def regime(satellite):
    revolutions = satellite.no_kozai * 1440 / (2 * np.pi)
    if revolutions > 11.25:
        return 'low'
    if 0.9 < revolutions < 1.1:
        return 'geosynchronous'
    return 'eccentric' if satellite.ecco > 0.25 else 'middle'


def degrees(places):
    ra = np.degrees(np.arctan2(places[:, 1], places[:, 0])) % 360
    dec = np.degrees(np.arcsin(np.clip(places[:, 2], -1, 1)))
    return np.round(np.stack([ra, dec], axis=1), 7).tolist()


def random_boxes(random, axis, count):
    """Corners (count, 4, 3) of turned boxes of 2" to 12" in the field, and their centres and half diagonals."""
    east = np.cross([0, 0, 1], axis)
    east /= np.linalg.norm(east)
    north = np.cross(axis, east)
    radius = FIELD * np.sqrt(random.uniform(0, 1, count))
    angle = random.uniform(0, 2 * np.pi, count)
    x, y = np.tan(radius) * np.cos(angle), np.tan(radius) * np.sin(angle)
    width, height = random.uniform(1, 6, (2, count)) * ARCSEC
    turned = random.uniform(0, np.pi, count)

    def at(along, across):
        xi = x + along * np.cos(turned) - across * np.sin(turned)
        eta = y + along * np.sin(turned) + across * np.cos(turned)
        v = axis + xi[:, None] * east + eta[:, None] * north
        return v / np.linalg.norm(v, axis=1)[:, None]
    corners = np.stack([at(width, height), at(-width, height), at(-width, -height), at(width, -height)], axis=1)
    return corners, at(0 * width, 0 * width), np.hypot(width, height)


def clear_of(path, centres, reach):
    """Whether each centre is farther from a path of places than its reach (radians)."""
    nearest = np.full(len(centres), np.inf)
    for begin in range(0, len(path), 500):
        part = path[begin:begin + 500]
        chords = 2 - 2 * centres @ part.T
        nearest = np.minimum(nearest, np.sqrt(np.maximum(chords, 0)).min(axis=1))
    return nearest > reach


def answer(catalog, records, random, boxes):
    middle, boresight = pointing(random)
    axis = unit(boresight)
    frames = Frames(middle)
    corners, centres, half_diagonals = random_boxes(random, axis, boxes)
    near, lost = candidates(records, middle, boresight)
    found, lost_later = stretches(catalog, near, frames, axis)
    clear = np.ones(boxes, bool)
    crossers = []
    for index, begin, end, speed in found:
        norad, satellite = catalog[index]
        age = abs(middle.utc.jd1 - satellite.jdsatepoch + middle.utc.jd2 - satellite.jdsatepochF)
        fresh = age < FRESH_DAYS
        seconds = moments(begin, end, speed, padded_half(age) if fresh else EXPOSURE / 2)
        if seconds.size == 0:
            continue
        places, ranges = star_tied(frames, satellite, seconds)
        if fresh:
            clear &= clear_of(places, centres, CLEAR * ARCSEC + half_diagonals)
        inside = seen_in_field(seconds, places, axis)
        if len(inside) > 0:
            delay = LATE_A_DAY * age * random.uniform(-1, 1)
            across = (SIGMA_KM[0] + SIGMA_KM[1] * age) * random.normal()
            displaced = seen_in_field(seconds, star_tied(frames, satellite, seconds, delay, across)[0], axis)
            crossers.append({'norad': norad, 'regime': regime(satellite), 'ageDays': round(age, 4),
                             'rangeKm': round(float(ranges.min()), 1), 'degreesASecond': round(np.degrees(speed), 5),
                             'places': degrees(inside), 'displaced': degrees(displaced)})
    half = EXPOSURE / 2 / 86400
    [[ra, dec]] = degrees(axis[None])
    return {'beginMjdTai': middle.tai.mjd - half, 'endMjdTai': middle.tai.mjd + half, 'raDeg': ra, 'decDeg': dec,
            'lost': lost + lost_later, 'crossers': crossers, 'boxes': [degrees(each) for each in corners[clear]]}


def main(catalog_path, *numbers):
    seed, first, count, boxes = map(int, numbers)
    catalog = read_catalog(catalog_path)
    records = SatrecArray([record for _, record in catalog])
    for index in range(first, first + count):
        print(json.dumps(answer(catalog, records, np.random.default_rng([seed, index]), boxes)), flush=True)


main(*sys.argv[1:])
