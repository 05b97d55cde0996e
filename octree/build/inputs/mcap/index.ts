/** The door of `octree/build/inputs/mcap/`: clouds in the messages of MCAP recordings. */
export { listMcapParts, openMcap } from './mcap.ts';
