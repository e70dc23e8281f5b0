export { smoothRows } from './smooth.as';
