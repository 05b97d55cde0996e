/** Reading and writing files, loaded when the page has nothing else to do. */
export { FileScript } from './file-script.ts';
