/** The door of `bench/caching/policies/`. */
export { Lru } from './lru.ts';
export type { Policy } from './policy.ts';
export { S3Fifo } from './s3-fifo.ts';
export { Sieve } from './sieve.ts';
export { WTinyLfu } from './w-tiny-lfu.ts';
