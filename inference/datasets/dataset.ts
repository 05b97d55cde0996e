/** Finds out which data set a folder is of, and reads its frames. */
import { readArgoverse2 } from './argoverse2.ts';
import type { DatasetFrame } from './frame.ts';
import { readKittiObjects, readKittiTracking } from './kitti-benchmarks.ts';
import { readKittiRaw } from './kitti-raw.ts';
import { readLabelled } from './labelled.ts';
import { nuScenesFrames } from './nuscenes.ts';
import { pandaSetFrames } from './pandaset.ts';

/** Each returns null if the folder is not its kind of data set. */
const READERS: readonly ((folder: string) => Promise<DatasetFrame[] | null>)[] = [
  readLabelled,
  nuScenesFrames,
  pandaSetFrames,
  readArgoverse2,
  readKittiRaw,
  readKittiTracking,
  readKittiObjects,
];

/**
 * The frames of a folder of labelled frames, KITTI (`training/`, a drive of the raw data, the tracking
 * benchmark), nuScenes, PandaSet (a sequence) or Argoverse 2 (a log); null if it is none. Points are not
 * read.
 * @throws NearboxError `invalid_request` that names the file that is wrong
 */
export async function readDataset(folder: string): Promise<DatasetFrame[] | null> {
  for (const read of READERS) {
    const frames = await read(folder);
    if (frames !== null) return frames;
  }
  return null;
}
