/** The door of `app/lifecycle/`. */
export { drainServer } from './drain.ts';
export { Lifecycle, type LifecycleState } from './lifecycle.ts';
