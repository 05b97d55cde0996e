/** The two networks: loading them, and fitting boxes with them. */
export { type LoadOptions, loadNetwork } from './load-network.ts';
export { type ModelIdentity, readDescription, readModelIdentity, SHIPPED_MODEL } from './model-files.ts';
export { CONTEXT_RADIUS_METRES, type NetworkAnswer, NetworkFit } from './network.ts';
