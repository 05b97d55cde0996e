/** The door of `app/deploy/testing/`: the shipped configurations, started on this machine. */
export { type Instance, startInstance } from './instance.ts';
export { startShippedHaproxy } from './shipped-haproxy.ts';
export { startShippedNginx } from './shipped-nginx.ts';
