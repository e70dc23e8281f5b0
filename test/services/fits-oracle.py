"""Tells what astropy reads in a FITS file, as JSON: python fits-oracle.py FILE.

Each HDU must pass astropy's verification of the standard, CHECKSUM and DATASUM, as an image and as the table that
holds a compressed one; a warning is an error.
"""
import hashlib
import json
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('error')


def value_of(card):
    """JSON for a card's value: integers as text, since a reader in another language may round them."""
    if isinstance(card.value, fits.card.Undefined):
        return None
    return str(card.value) if type(card.value) is int else card.value


def hdu_of(hdu):
    """Cards, and size, type and digest (little-endian bytes) of the pixels."""
    told = {'cards': [[card.keyword, value_of(card)] for card in hdu.header.cards]}
    if hdu.data is not None:
        pixels = hdu.data
        if pixels.dtype.kind == 'f':
            pixels = np.where(np.isnan(pixels), np.nan, pixels).astype(pixels.dtype)  # one NaN of the many
        told['shape'] = list(pixels.shape)
        told['type'] = pixels.dtype.name
        told['sha256'] = hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder('<')).tobytes()).hexdigest()
    return told


with fits.open(sys.argv[1], checksum=True, disable_image_compression=True) as tables:
    tables.verify('exception')
with fits.open(sys.argv[1], checksum=True) as hdus:
    hdus.verify('exception')
    print(json.dumps([hdu_of(hdu) for hdu in hdus]))
