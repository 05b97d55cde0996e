/** Work under AbortSignals, on the server and in the page. */
export { abortable, type LinkedSignal, linked, linkedSignal, whenAborted } from './signals.ts';
