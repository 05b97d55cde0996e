/** The door of `inference/engine/`. */
export { type EngineAnswer, FitEngine } from './engine.ts';
