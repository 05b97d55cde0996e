/** The door of `app/cli/nuscenes/`. */
export { joinTables, NUSCENES_TABLES, nuScenesTables } from './nuscenes-tables.ts';
