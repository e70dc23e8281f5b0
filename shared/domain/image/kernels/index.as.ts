export {
  blankRows,
  halveRows,
  matchErrorRows,
  photonRows,
  scaleRows,
  significanceRows,
  subtractRows,
  wingRows,
} from './difference.as';
export { dequantise, packRice, quantise, unpackRice } from './rice.as';
export { clearMaskRows, combineMaskRows } from './mask.as';
export { smoothRows } from './smooth.as';
