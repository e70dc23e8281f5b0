"""Measures a simulated raw with astropy and numpy alone: python simulator-oracle.py RAW.fits SOURCES.csv DETECTOR

Prints JSON: sizes of the HDUs, median and robust sigma of the assembled detector in electrons, and for isolated stars
of the truth table the median offset of their centroids in pixels. A warning of astropy's is an error.
"""
import csv
import json
import re
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('error')


def section(text):
    return [int(number) for number in re.findall(r'\d+', text)]


def assemble(hdus):
    _, width, _, height = section(hdus[0].header['DETSIZE'])
    electrons = np.zeros((height, width))
    for hdu in hdus:
        x0, x1, y0, y1 = section(hdu.header['DATASEC'])
        u0, u1, v0, v1 = section(hdu.header['DETSEC'])
        b0, b1, _, _ = section(hdu.header['BIASSEC'])
        raw = hdu.data.astype(float)
        raw -= np.median(raw[:, b0 - 1 : b1], axis=1)[:, None]
        data = raw[y0 - 1 : y1, x0 - 1 : x1] * hdu.header['GAIN']
        data = data[:: 1 if v1 > v0 else -1, :: 1 if u1 > u0 else -1]
        electrons[min(v0, v1) - 1 : max(v0, v1), min(u0, u1) - 1 : max(u0, u1)] = data
    return electrons


def centroid_offset(image, sky, x, y):
    column, row = round(x), round(y)
    cut = image[row - 9 : row + 10, column - 9 : column + 10] - sky
    dy, dx = np.mgrid[-9:10, -9:10]
    cx = cy = 0.0
    for _ in range(6):
        weighted = cut * np.exp(-((dx - cx) ** 2 + (dy - cy) ** 2) / 8)
        cx += 2 * (weighted * (dx - cx)).sum() / weighted.sum()
        cy += 2 * (weighted * (dy - cy)).sum() / weighted.sum()
    return np.hypot(column + cx - x, row + cy - y)


def main():
    path, table, detector = sys.argv[1:]
    with fits.open(path, checksum=True) as hdus:
        primary = hdus[0].header
        amplifiers = hdus[1:]
        image = assemble(amplifiers)
        rows = [row for row in csv.DictReader(open(table)) if row['detector'] == detector]
        x, y, snr = (np.array([float(row[name]) for row in rows]) for name in ('x', 'y', 'snr'))
        star = np.array([row['kind'] == 'star' for row in rows])
        height, width = image.shape
        median = np.median(image)
        inside = (x > 20) & (y > 20) & (x < width - 20) & (y < height - 20)
        wanted = np.flatnonzero(star & inside & (snr > 150) & (snr < 1000))
        alone = [i for i in wanted if ((np.hypot(x - x[i], y - y[i]) < 16) & (snr > snr[i] / 200)).sum() == 1]
        offsets = [centroid_offset(image, median, x[i], y[i]) for i in alone[:200]]
        told = {
            'obsid': primary['OBSID'],
            'timesys': primary['TIMESYS'],
            'sizes': [list(hdu.data.shape) for hdu in amplifiers],
            'types': sorted({type(hdu).__name__ + ' ' + hdu.data.dtype.name for hdu in amplifiers}),
            'median': float(median),
            'sigma': float(1.4826 * np.median(np.abs(image - median))),
            'stars': len(offsets),
            'offset': float(np.median(offsets)),
        }
    print(json.dumps(told))


main()
