/**
 * A label profile: how a project draws its boxes, class by class. `docs/profiles.md` documents the file.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { NearboxError } from '../../cache/index.ts';
import { OBJECT_CLASSES, type ObjectClass } from '../classes/index.ts';

const metres = z.number().min(-100).max(100);
const side = z.number().positive().max(100);
const count = z.int().min(0).max(1e9);
const classProfile = z.strictObject({
  /** Distinct objects that it was made from. */
  objects: count,
  /** Of how many of these each padding is known. Left out: of all. */
  seen: z.strictObject({ ends: count, sides: count, top: count, floor: count }).optional(),
  size: z.tuple([side, side, side]),
  padding: z.strictObject({ ends: metres, sides: metres, top: metres, floor: metres }),
});

/** A profile as `nearbox profile` writes it, and as a question may carry it. */
export const profileSchema = z.strictObject({
  format: z.literal('nearbox-profile-1'),
  classes: z.partialRecord(z.enum(OBJECT_CLASSES), classProfile),
});

/**
 * Mean length, width, height; padding between faces and outermost points; height of the floor over the
 * ground. Metres.
 */
export type ClassProfile = z.infer<typeof classProfile>;
export type Padding = ClassProfile['padding'];
export type ProfileFile = z.infer<typeof profileSchema>;

export interface Profile {
  readonly name: string;
  /** A hash of the content. */
  readonly version: string;
  readonly classes: Partial<Readonly<Record<ObjectClass, ClassProfile>>>;
}

/** Sizes and paddings of the simulated training labels. Profiles are compared with these. */
export const DEFAULT_PROFILE_FILE = new URL('./default.json', import.meta.url);

/** @throws NearboxError `not_found` or `invalid_request`; the message names the file and the field */
export async function readProfile(file: string | URL): Promise<Profile> {
  const shown = file instanceof URL ? file.pathname : file;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NearboxError('not_found', `${shown}: cannot be read`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new NearboxError('invalid_request', `${shown}: ${(cause as Error).message}`, { cause });
  }
  const parsed = profileSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new NearboxError('invalid_request', `${shown}: ${issue.path.join('.')}: ${issue.message}`);
  }
  return namedProfile(path.basename(shown, '.json'), parsed.data);
}

/** The profile with a name and the version of its content. */
export function namedProfile(name: string, { classes }: ProfileFile): Profile {
  return { name, version: profileVersion(classes), classes };
}

/** A hash of the content, independent of the order of the classes. */
export function profileVersion(classes: Profile['classes']): string {
  const content = OBJECT_CLASSES.flatMap((name) => {
    const of = classes[name];
    if (of === undefined) return [];
    const { objects, seen, size, padding } = of;
    const rooms = (from: Padding) => [from.ends, from.sides, from.top, from.floor];
    return [[name, objects, seen ? rooms(seen) : null, size, rooms(padding)]];
  });
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 12);
}

/** The profiles of a folder: each `NAME.json` is the profile NAME. */
export async function readProfiles(folder: string): Promise<ReadonlyMap<string, Profile>> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new NearboxError('not_found', `${folder}: is not a folder that can be read`, { cause });
  });
  const names = entries.filter((name) => name.endsWith('.json')).sort();
  const profiles = await Promise.all(names.map((name) => readProfile(path.join(folder, name))));
  return new Map(profiles.map((profile) => [profile.name, profile]));
}
