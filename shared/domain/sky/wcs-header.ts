import {
  type Card,
  FitsError,
  type Header,
  numberOf,
  requireNumber,
  requireText,
  textOf,
} from '../fits/header.ts';
import { MAX_SIP_ORDER, type Sip } from './sip.ts';
import { TPV_TERMS, type Tpv } from './tpv.ts';
import type { Wcs } from './wcs.ts';

/**
 * World coordinates of an image header: RA---TAN, RA---TAN-SIP or RA---TPV with CDi_j, or PCi_j and CDELTi.
 * Inverse SIP polynomials (AP, BP) are not read, since the inverse is exact without. Throws FitsError naming the
 * keyword for everything else.
 */
export function wcsFromHeader(header: Header): Wcs {
  const projection = projectionOf(header);
  checkFrame(header);
  const lonpoleDeg = numberOf(header, 'LONPOLE');
  const distortion =
    projection === 'TPV' ? tpvOf(header) : projection === 'TAN-SIP' ? sipOf(header) : undefined;
  return {
    crvalDeg: [requireNumber(header, 'CRVAL1'), requireNumber(header, 'CRVAL2')],
    crpix: [requireNumber(header, 'CRPIX1') - 1, requireNumber(header, 'CRPIX2') - 1],
    cd: cdOf(header),
    ...(distortion && { distortion }),
    ...(lonpoleDeg !== undefined && { lonpoleDeg }),
  };
}

/** The cards that {@link wcsFromHeader} reads, and that astropy reads alike. */
export function wcsToCards(wcs: Wcs): Header {
  const suffix = { TAN: 'TAN', SIP: 'TAN-SIP', TPV: 'TPV' }[wcs.distortion?.kind ?? 'TAN'];
  const cards: Card[] = [
    { keyword: 'WCSAXES', value: 2 },
    { keyword: 'CTYPE1', value: `RA---${suffix}` },
    { keyword: 'CTYPE2', value: `DEC--${suffix}` },
    { keyword: 'CUNIT1', value: 'deg' },
    { keyword: 'CUNIT2', value: 'deg' },
    { keyword: 'CRVAL1', value: wcs.crvalDeg[0], comment: '[deg] right ascension at the reference pixel' },
    { keyword: 'CRVAL2', value: wcs.crvalDeg[1], comment: '[deg] declination at the reference pixel' },
    { keyword: 'CRPIX1', value: wcs.crpix[0] + 1 },
    { keyword: 'CRPIX2', value: wcs.crpix[1] + 1 },
    ...['CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'].map((keyword, i) => ({ keyword, value: wcs.cd[i] })),
    { keyword: 'RADESYS', value: 'ICRS' },
  ];
  if (wcs.lonpoleDeg !== undefined) cards.push({ keyword: 'LONPOLE', value: wcs.lonpoleDeg });
  if (wcs.distortion?.kind === 'SIP') cards.push(...sipCards(wcs.distortion));
  if (wcs.distortion?.kind === 'TPV') cards.push(...tpvCards(wcs.distortion));
  return cards;
}

type Projection = 'TAN' | 'TAN-SIP' | 'TPV';

function projectionOf(header: Header): Projection {
  const first = requireText(header, 'CTYPE1').trim();
  const second = requireText(header, 'CTYPE2').trim();
  const projection = (['TAN', 'TAN-SIP', 'TPV'] as const).find(
    (name) => first === `RA---${name}` && second === `DEC--${name}`,
  );
  if (!projection) {
    throw new FitsError(
      `CTYPE1 '${first}' with CTYPE2 '${second}' is not understood; RA---TAN, RA---TAN-SIP and RA---TPV with their DEC are.`,
    );
  }
  const scamp = header.find(({ keyword, value }) => /^PV[12]_\d+$/.test(keyword) && value !== 0);
  if (projection !== 'TPV' && scamp) {
    throw new FitsError(
      `${scamp.keyword} has no meaning with CTYPE1 '${first}'; polynomials of SCAMP want CTYPE RA---TPV.`,
    );
  }
  return projection;
}

/** Everything here is ICRS; FK5 of J2000 is the same within 0.03 arcsec, other frames are not. */
function checkFrame(header: Header): void {
  const frame = textOf(header, 'RADESYS') ?? textOf(header, 'RADECSYS');
  const equinox = numberOf(header, 'EQUINOX');
  if (frame !== undefined && frame.trim() !== 'ICRS' && frame.trim() !== 'FK5') {
    throw new FitsError(`RADESYS is '${frame}'; only ICRS and FK5 are understood.`);
  }
  if (frame?.trim() !== 'ICRS' && equinox !== undefined && equinox !== 2000) {
    throw new FitsError(`EQUINOX is ${equinox}; only 2000 is understood.`);
  }
  for (const keyword of ['CUNIT1', 'CUNIT2']) {
    const unit = textOf(header, keyword)?.trim() ?? 'deg';
    if (!/^(deg.*|)$/i.test(unit)) throw new FitsError(`${keyword} is '${unit}' and must be deg.`);
  }
}

function cdOf(header: Header): Wcs['cd'] {
  const keywords = ['1_1', '1_2', '2_1', '2_2'];
  if (keywords.some((index) => numberOf(header, `CD${index}`) !== undefined)) {
    const [a, b, c, d] = keywords.map((index) => numberOf(header, `CD${index}`) ?? 0);
    return invertible([a, b, c, d]);
  }
  const hasPc = keywords.some((index) => numberOf(header, `PC${index}`) !== undefined);
  if (!hasPc && (numberOf(header, 'CROTA2') ?? 0) !== 0) {
    throw new FitsError('CROTA2 without PCi_j is not understood; write the rotation as CDi_j.');
  }
  const [a, b, c, d] = keywords.map((index, i) => numberOf(header, `PC${index}`) ?? (i % 3 === 0 ? 1 : 0));
  const cdelt1 = requireNumber(header, 'CDELT1');
  const cdelt2 = requireNumber(header, 'CDELT2');
  return invertible([cdelt1 * a, cdelt1 * b, cdelt2 * c, cdelt2 * d]);
}

function invertible(cd: Wcs['cd']): Wcs['cd'] {
  if (cd[0] * cd[3] - cd[1] * cd[2] !== 0) return cd;
  throw new FitsError(`The matrix of CDi_j (or PCi_j and CDELTi) is ${cd.join(', ')}, which has no inverse.`);
}

function sipOf(header: Header): Sip {
  const orderA = sipOrder(header, 'A_ORDER');
  const orderB = sipOrder(header, 'B_ORDER');
  const order = Math.max(orderA, orderB);
  return {
    kind: 'SIP',
    order,
    a: sipCoefficients(header, 'A', order),
    b: sipCoefficients(header, 'B', order),
  };
}

function sipOrder(header: Header, keyword: string): number {
  const order = requireNumber(header, keyword);
  if (Number.isInteger(order) && order >= 0 && order <= MAX_SIP_ORDER) return order;
  throw new FitsError(
    `${keyword} is ${order}, and a SIP order is a whole number from 0 to ${MAX_SIP_ORDER}.`,
  );
}

function sipCoefficients(header: Header, letter: 'A' | 'B', order: number): number[] {
  return sipIndices(order).map(([p, q]) =>
    p + q <= order ? (numberOf(header, `${letter}_${p}_${q}`) ?? 0) : 0,
  );
}

function sipCards({ order, a, b }: Sip): Card[] {
  const coefficients = (letter: string, values: readonly number[]): Card[] =>
    sipIndices(order).flatMap(([p, q], i) =>
      values[i] === 0 ? [] : { keyword: `${letter}_${p}_${q}`, value: values[i] },
    );
  return [
    { keyword: 'A_ORDER', value: order },
    ...coefficients('A', a),
    { keyword: 'B_ORDER', value: order },
    ...coefficients('B', b),
  ];
}

/** Powers (p, q) in the order of Sip's arrays. */
function sipIndices(order: number): [number, number][] {
  const side = order + 1;
  return Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side]);
}

function tpvOf(header: Header): Tpv {
  const axis = (i: 1 | 2) =>
    Array.from({ length: TPV_TERMS }, (_, k) => numberOf(header, `PV${i}_${k}`) ?? (k === 1 ? 1 : 0));
  return { kind: 'TPV', pv1: axis(1), pv2: axis(2) };
}

function tpvCards({ pv1, pv2 }: Tpv): Card[] {
  const axis = (i: 1 | 2, values: readonly number[]): Card[] =>
    values.flatMap((value, k) => (value === (k === 1 ? 1 : 0) ? [] : { keyword: `PV${i}_${k}`, value }));
  return [...axis(1, pv1), ...axis(2, pv2)];
}
