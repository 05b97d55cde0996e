/** The door of `bench/fleet/instances/`: real instances behind the shipped balancers, measured. */
export { measureCosts } from './costs.ts';
export { EVENTS, type EventResult, measureEvent } from './events.ts';
export { BALANCERS, type BalancerName, Fleet, type NodesFrom } from './fleet.ts';
export { type HitsCase, measureHits } from './hits.ts';
export { costsMarkdown, eventsMarkdown, type HitsRow, hitsMarkdown } from './report.ts';
export { startFleetStorage } from './storage.ts';
export { MachinesRuns, type MachinesWalk, warmFleet } from './walk.ts';
