/** The page in a browser, on the real server with the real network. */
export { demoObjects, RealPage, servePages } from './real-page.ts';
export { Served } from './served.ts';
export { useRealPage } from './use-real-page.ts';
