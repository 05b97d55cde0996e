/** The door of `app/deploy/testing/`: the shipped configurations, started on this machine. */
export { type ComposeServiceName, ComposeServices, composeService } from './compose-services.ts';
export { type Instance, startInstance } from './instance.ts';
export type { ShippedBalancer } from './shipped-balancer.ts';
export { startShippedHaproxy } from './shipped-haproxy.ts';
export { startShippedNginx } from './shipped-nginx.ts';
