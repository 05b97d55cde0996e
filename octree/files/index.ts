/** The door of `octree/files/`. */
export { CloudFiles, type FileRequest, type StoredFile } from './cloud-files.ts';
export { type CloudPage, type ListCloudsOptions, type ListedCloud, listClouds } from './list-clouds.ts';
export { cloudOfPath, STORED_MEDIA_TYPES } from './stored-files.ts';
