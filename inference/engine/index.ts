/** The door of `inference/engine/`. */
export { type EngineAnswer, FitEngine, type FitEngineOptions } from './engine.ts';
