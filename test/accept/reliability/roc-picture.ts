import type { RocPoint } from './report.ts';

const WIDTH = 460;
const HEIGHT = 320;
const BOX = { left: 62, right: 440, top: 20, bottom: 262 };
/** Axes: parts of bogus sources on a logarithmic scale, of real ones on a straight one. */
const BOGUS = [1e-3, 1];
const KEPT = [0.8, 1];

const toX = (bogus: number): number => {
  const [low, high] = BOGUS.map(Math.log10);
  const part = (Math.log10(Math.max(bogus, BOGUS[0])) - low) / (high - low);
  return BOX.left + part * (BOX.right - BOX.left);
};

const toY = (kept: number): number => {
  const part = (Math.max(kept, KEPT[0]) - KEPT[0]) / (KEPT[1] - KEPT[0]);
  return BOX.bottom - part * (BOX.bottom - BOX.top);
};

/** The ROC as SVG: real sources kept against bogus ones kept, with the marked thresholds. */
export function drawRoc(curve: readonly RocPoint[], marked: readonly RocPoint[], title: string): string {
  const at = ({ kept, bogus }: RocPoint): string => `${toX(bogus).toFixed(1)},${toY(kept).toFixed(1)}`;
  const vertical = [0.001, 0.01, 0.1, 1].map(
    (bogus) =>
      `<path d="M${toX(bogus)} ${BOX.top}V${BOX.bottom}" stroke="#ddd"/>` +
      `<text x="${toX(bogus)}" y="${BOX.bottom + 17}" text-anchor="middle">${100 * bogus} %</text>`,
  );
  const horizontal = [0.8, 0.85, 0.9, 0.95, 1].map(
    (kept) =>
      `<path d="M${BOX.left} ${toY(kept)}H${BOX.right}" stroke="#ddd"/>` +
      `<text x="${BOX.left - 6}" y="${toY(kept) + 4}" text-anchor="end">${100 * kept} %</text>`,
  );
  const marks = marked.map((point) => {
    const [x, y] = at(point).split(',').map(Number);
    return `<circle cx="${x}" cy="${y}" r="3.5" fill="#c33"/><text x="${x + 7}" y="${y + 13}">${point.threshold}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...vertical,
    ...horizontal,
    `<polyline points="${curve.map(at).join(' ')}" fill="none" stroke="#247" stroke-width="2"/>`,
    ...marks,
    `<text x="${(BOX.left + BOX.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">bogus sources kept</text>`,
    `<text transform="translate(16 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">real sources kept</text>`,
    '</svg>\n',
  ].join('\n');
}
