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
export { smoothRows } from './smooth.as';
