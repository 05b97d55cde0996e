/** Sequences of labelled frames as `tracks` measures them, and the keyframes that a track needs. */
export * from './track-keyframes.ts';
export * from './track-sequences.ts';
