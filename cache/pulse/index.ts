/** The door of `cache/pulse/`: signs of life of worker threads. */
export { duringNative, nativeAtNextTurn, startBeating } from './own-pulse.ts';
export { LOOKS, PulseWatch } from './pulse-watch.ts';
export { ThreadPulse } from './thread-pulse.ts';
