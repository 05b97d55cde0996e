/** The door of `inference/engine/`. */
export { type EngineAnswer, FitEngine } from './engine.ts';
export { namedModel, noModel } from './named-model.ts';
