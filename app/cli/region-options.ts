/** REGION on the command line: --at, --box, --sphere or --polygon. */
import type { Command } from 'commander';
import type { Region } from '../../octree/index.ts';
import { regionSchema } from '../api/index.ts';
import { fieldErrors } from '../http/index.ts';
import { UsageError } from './exit-codes.ts';

export interface RegionFlags {
  readonly at?: string;
  readonly box?: string;
  readonly sphere?: string;
  readonly polygon?: string;
  readonly z?: string;
}

const REGION_FLAGS = ['at', 'box', 'sphere', 'polygon'] as const;

/**
 * Adds the region flags to a command. A region on the command line replaces one from the environment, also of
 * another kind.
 */
export function withRegionFlags(command: Command): Command {
  return command
    .option('--at <X,Y,Z>', 'a click')
    .option('--box <X,Y,Z,L,W,H,YAW>', 'a rough cuboid; yaw in radians')
    .option('--sphere <X,Y,Z,R>', 'a sphere')
    .option('--polygon <"X,Y X,Y X,Y ...">', 'a lasso from above; the ring is closed automatically')
    .option('--z <MIN,MAX>', 'heights of the polygon')
    .hook('preAction', (_, called) => forgetOverruled(called));
}

function forgetOverruled(command: Command): void {
  const source = (name: string) => command.getOptionValueSource(name);
  if (!REGION_FLAGS.some((name) => source(name) === 'cli')) return;
  const overruled = REGION_FLAGS.filter((name) => source(name) === 'env');
  // Heights from the environment apply to a polygon, from the environment or the command line.
  const isPolygon = source('polygon') === 'cli';
  for (const name of [...overruled, ...(source('z') === 'env' && !isPolygon ? ['z'] : [])])
    command.setOptionValue(name, undefined);
}

/** @throws UsageError unless exactly one well-formed region is given. */
export function regionOf(flags: RegionFlags): Region {
  const given = REGION_FLAGS.filter((name) => flags[name] !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `exactly one region is needed (--at, --box, --sphere or --polygon); ${given.length === 0 ? 'none was given' : `given: ${given.map((n) => `--${n}`).join(', ')}`}`,
    );
  const kind = given[0]!;
  if (flags.z !== undefined && kind !== 'polygon') throw new UsageError('--z needs --polygon');
  const result = regionSchema.safeParse(wireRegion(kind, flags));
  if (result.success) return result.data;
  const wrong = fieldErrors(result.error).map(({ path, message }) => `${path}: ${message}`);
  throw new UsageError(`--${kind} is not a valid region: ${wrong.join('; ')}`);
}

function wireRegion(kind: (typeof REGION_FLAGS)[number], flags: RegionFlags): unknown {
  const text = flags[kind]!;
  if (kind === 'at') return { type: 'click', position: numbers('--at', text, 3) };
  if (kind === 'sphere') {
    const v = numbers('--sphere', text, 4);
    return { type: 'sphere', center: v.slice(0, 3), radius: v[3] };
  }
  if (kind === 'box') {
    const v = numbers('--box', text, 7);
    return { type: 'box', center: v.slice(0, 3), size: v.slice(3, 6), yaw: v[6] };
  }
  return {
    type: 'polygon',
    ring: text
      .trim()
      .split(/\s+/)
      .map((corner) => numbers('--polygon', corner, 2)),
    ...(flags.z === undefined ? {} : { z: numbers('--z', flags.z, 2) }),
  };
}

/** Parses `count` numbers separated by commas. @throws UsageError that shows the text. */
export function numbers(flag: string, text: string, count: number): number[] {
  const parts = text.split(',').map((part) => part.trim());
  const values = parts.map((part) => (part === '' ? Number.NaN : Number(part)));
  if (values.length !== count || !values.every(Number.isFinite))
    throw new UsageError(`${flag} takes ${count} numbers separated by commas, not "${text}"`);
  return values;
}
