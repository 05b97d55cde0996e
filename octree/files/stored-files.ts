/**
 * Which stored files a cloud consists of: these are given out as they are, and nothing else that may lie
 * beside them.
 */
import { isPlainPath } from '../../cache/byte-source/index.ts';
import { COPC_EXTENSION } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import type { CloudVersion } from '../versions/index.ts';

const EPT_FILE =
  /^(?:ept\.json|ept-build\.json|ept-data\/(\d+-\d+-\d+-\d+)\.(?:laz|bin|zst)|ept-hierarchy\/(\d+-\d+-\d+-\d+)\.json(?:\.gz)?|ept-sources\/[\w-][\w.-]*\.json)$/;
const POTREE2_FILE = /^(?:metadata\.json|hierarchy\.bin|octree\.bin)$/;
/** A node's file, relative to the octree folder. */
const POTREE1_NODE_FILE = /^(?:r\/(?:[0-7]{1,30}\/){0,30})?r[0-7]{0,30}\.(?:bin|las|laz|hrc)$/;
/**
 * The same from the cloud's folder on; how deep the octree folder lies is only known once the cloud is open.
 */
const POTREE1_ANY_FILE =
  /^(?:cloud\.js|(?:[^/]+\/){0,4}(?:r\/(?:[0-7]{1,30}\/){0,30})?r[0-7]{0,30}\.(?:bin|las|laz|hrc))$/;

/**
 * The path of a cloud's file, or null if the format has no file of that name. The only file of a COPC cloud
 * is the cloud: its name is `''`. Says nothing about whether it is there.
 */
export function storedFilePath({ base, cloud }: CloudVersion, name: string): string | null {
  if (name !== '' && !isPlainPath(name)) return null;
  switch (cloud.format) {
    case 'copc':
      return name === '' ? base.replace(/\/$/, '') : null;
    case 'ept': {
      const match = EPT_FILE.exec(name);
      if (match === null) return null;
      const key = match[1] ?? match[2];
      return key === undefined || Key.parse(key) !== null ? base + name : null;
    }
    case 'potree2':
      return POTREE2_FILE.test(name) ? base + name : null;
    case 'potree1': {
      if (name === 'cloud.js') return base + name;
      const root = cloud.locate(Key.root, 1, null).path.slice(base.length);
      const folder = root.replace(/(?:r\/)?r\.[a-z]+$/, '');
      return name.startsWith(folder) && POTREE1_NODE_FILE.test(name.slice(folder.length))
        ? base + name
        : null;
    }
  }
}

export interface SplitPath {
  readonly cloud: string;
  readonly file: string;
}

/** Every way in which `{cloud}/{file}` may be split, the longest cloud first. */
export function splitTilePath(path: string): SplitPath[] {
  const splits: SplitPath[] = path.endsWith(COPC_EXTENSION) ? [{ cloud: path, file: '' }] : [];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const file = path.slice(slash + 1);
    if (EPT_FILE.test(file) || POTREE2_FILE.test(file) || POTREE1_ANY_FILE.test(file))
      splits.push({ cloud: path.slice(0, slash), file });
  }
  return splits;
}

/**
 * The id of the cloud that `{cloud}/{file}` is most likely to be a file of: for choosing who looks it up, not
 * for an answer.
 */
export function cloudOfPath(path: string): string {
  return splitTilePath(path)[0]?.cloud ?? path;
}

const MEDIA_TYPES: readonly (readonly [string, string])[] = [
  [COPC_EXTENSION, 'application/vnd.laszip+copc'],
  ['.json', 'application/json'],
  // cloud.js is JSON, and nothing stored is to run as a script of this origin.
  ['.js', 'application/json'],
  ['.gz', 'application/gzip'],
  ['.laz', 'application/vnd.laszip'],
  ['.las', 'application/vnd.las'],
  ['.zst', 'application/zstd'],
];

const OTHER_MEDIA_TYPE = 'application/octet-stream';

/** Every type that `mediaTypeOf` gives. */
export const STORED_MEDIA_TYPES: readonly string[] = [
  ...new Set(MEDIA_TYPES.map(([, type]) => type)),
  OTHER_MEDIA_TYPE,
];

export function mediaTypeOf(path: string): string {
  return MEDIA_TYPES.find(([ending]) => path.endsWith(ending))?.[1] ?? OTHER_MEDIA_TYPE;
}
