/** The door of `octree/versions/`. */
export {
  CLOUD_ID_PATTERN,
  CLOUD_SEGMENT_PATTERN,
  checkCloudId,
  cloudIdProblem,
  isCloudId,
  MAX_CLOUD_ID_LENGTH,
} from './cloud-id.ts';
export { type CloudInfo, cloudInfo } from './cloud-info.ts';
export { isPresent, versionOf } from './cloud-version.ts';
export { openCloud } from './open-cloud.ts';
export { isPinned, pinnedEtag } from './pinned-etag.ts';
export { type CloudVersion, type KnownVersion, type OpenVersions, VersionStore } from './version-store.ts';
export { requireVersion, withVersion } from './with-version.ts';
