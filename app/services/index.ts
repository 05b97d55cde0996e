/** The door of `app/services/`. */
export { type CloudService, localService } from './cloud-service.ts';
export { mainMemoryParts, memoryParts, tileBytesBeside } from './memory-parts.ts';
export { openProfiles } from './profiles.ts';
export { combinedStats, readerStats } from './reader-stats.ts';
export {
  DEMO_CLOUDS,
  openCameras,
  openCloudStorage,
  openServices,
  type Services,
} from './services.ts';
