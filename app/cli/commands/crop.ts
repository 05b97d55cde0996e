/** `nearbox crop`: every point of a region, as binary PLY. */
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { NearboxError } from '../../../cache/index.ts';
import { encodePly } from '../../../octree/ply/index.ts';
import type { Services } from '../../services/index.ts';
import { locateCloud, serverOptionsOf, withReadingFlags, withServices } from '../cloud-argument.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { type RegionFlags, regionOf, withRegionFlags } from '../region-options.ts';
import { checkWritableFile } from '../writable.ts';

interface CropFlags extends RegionFlags {
  readonly clouds?: string;
  readonly out: string;
}

export function cropCommand(): Command {
  const command = new NearboxCommand('crop')
    .description('write the points of a region as binary PLY')
    .argument('<CLOUD>', 'path, or id under --clouds')
    .requiredOption('--out <FILE>', 'the PLY file to write');
  return withRegionFlags(withReadingFlags(command)).action(async (cloud: string, flags: CropFlags) => {
    const region = regionOf(flags);
    await checkWritableFile('--out', flags.out);
    const location = locateCloud(cloud, flags.clouds);
    const crop = async (services: Services) => {
      const points = await services.crop(location.id, region, new AbortController().signal);
      await writeWhole(flags.out, encodePly(points));
      process.stdout.write(`${points.count} points written to ${flags.out}\n`);
    };
    await withServices(location.clouds, crop, serverOptionsOf(flags));
  });
}

/** Replaces `file` atomically: readers see either the old or the complete new content. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new NearboxError('source_unavailable', `${file} cannot be written: ${reason}`, { cause: error });
  }
}
