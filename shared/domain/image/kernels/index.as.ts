export { convolveTiles } from './convolve.as';
export { forwardTile, inverseTile } from './fourier.as';
export { solveDefinite } from './cholesky.as';
export { addMoments } from './gram.as';
export { stampProducts } from './stamps.as';
export { cellRows, divideSplineRows, subtractSplineRows, varianceSplineRows } from './background.as';
export { findRuns, markColumns, markOutsideRows } from './defects.as';
export {
  blankRows,
  halveRows,
  matchErrorRows,
  photonRows,
  scaleRows,
  significanceRows,
  sourceRows,
  subtractRows,
  wingRows,
} from './difference.as';
export { dequantise, packRice, quantise, unpackRice } from './rice.as';
export { clearMaskRows, combineMaskRows } from './mask.as';
export { detectedRows, growAcrossColumns, growAlongRows } from './grow.as';
export { brightBlocks, markedBlocks, screenRows } from './scan.as';
export { smoothRows } from './smooth.as';
export { assembleRows, crosstalkRows, flattenRows, subtractFrameRows } from './signature.as';
export { markMissingRows, warpRows } from './warp.as';
export { peakRows } from './objects.as';
