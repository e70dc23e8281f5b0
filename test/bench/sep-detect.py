"""CPU milliseconds that sep takes for background, 5 sigma detection of both signs and apertures. usage: FILE ROUNDS"""
import sys, time
import numpy as np
import sep
from astropy.io import fits

image = np.ascontiguousarray(fits.getdata(sys.argv[1]).astype(np.float32))
rounds = int(sys.argv[2])
begun = time.process_time()
for _ in range(rounds):
    background = sep.Background(image, bw=128, bh=128)
    for sign in (1, -1):
        flat = sign * (image - background.back())
        found = sep.extract(flat, 5, err=background.globalrms)
        sep.sum_circle(flat, found["x"], found["y"], 12.0, err=background.globalrms)
print(1000 * (time.process_time() - begun) / rounds)
