/**
 * nuScenes' annotation tables in one file: translation (centre), size as width, length, height, rotation as
 * w, x, y, z. The cloud's coordinates stand for the global frame. Read: such tables, a bare list of
 * annotations, and the detection task's `results`.
 */

import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import { quaternionOf, tiltOfQuaternion } from '../boxes/index.ts';
import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import { className, isRecord } from '../model/index.ts';
import { finiteNumbers, type ImportContext, tidy } from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject } from './imported.ts';
import { yawOfQuaternion } from './quaternion.ts';
import { classWord, readTraits } from './traits/index.ts';

/**
 * Our classes in nuScenes' words. It has no van and no pickup: `nearbox_class` keeps what the category cannot
 * say.
 */
const CATEGORIES: Readonly<Record<ObjectClass, string>> = {
  car: 'vehicle.car',
  van: 'vehicle.car',
  truck: 'vehicle.truck',
  bus: 'vehicle.bus.rigid',
  pickup: 'vehicle.truck',
  pedestrian: 'human.pedestrian.adult',
  cyclist: 'vehicle.bicycle',
  motorcyclist: 'vehicle.motorcycle',
  other: 'movable_object.debris',
};

export function writeNuScenes(frames: readonly ExchangeFrame[]): string {
  const all = frames.flatMap(({ frame, labels }) => labels.map((label) => ({ frame, label })));
  const instances = new Map<string, string[]>();
  for (const { frame, label } of all) {
    const tokens = instances.get(label.id!) ?? [];
    instances.set(label.id!, [...tokens, annotationToken(frame, label)]);
  }
  const words = new Map(all.map(({ label }) => [label.id!, classWord(label, CATEGORIES)]));
  const tables = frames.map(({ kept }) => importedFrame('nuscenes', kept)?.file).find((file) => file != null);
  const categories = asList(tables?.category);
  const instanceRows = new Map(asList(tables?.instance).map((row) => [String(row.token), row]));
  const named = new Set(categories.map(({ name }) => name));
  const isNewCategory = new Set(
    all.flatMap(({ label }) => (importedObject('nuscenes', label)?.isSameClass === true ? [] : [label.id!])),
  );
  const tokens = new Map(categories.map((row) => [row.name, String(row.token)]));
  const tokenOf = (name: string) => tokens.get(name) ?? name;
  const content = {
    ...tables,
    category: [
      ...categories,
      ...[...new Set([...Object.values(CATEGORIES), ...words.values()])]
        .filter((name) => !named.has(name))
        .map((name) => ({ token: name, name, description: '' })),
    ],
    sample: frames.map(({ frame, kept }, index) => ({
      timestamp: index,
      prev: frames[index - 1]?.frame ?? '',
      next: frames[index + 1]?.frame ?? '',
      scene_token: '',
      ...importedFrame('nuscenes', kept)?.raw,
      token: frame,
    })),
    instance: [...instances].map(([token, tokens]) => ({
      ...instanceRows.get(token),
      ...(isNewCategory.has(token) || !instanceRows.has(token)
        ? { category_token: tokenOf(words.get(token)!) }
        : {}),
      token,
      nbr_annotations: tokens.length,
      first_annotation_token: tokens[0],
      last_annotation_token: tokens.at(-1),
    })),
    sample_annotation: all.map(({ frame, label }) =>
      writeAnnotation(frame, label, instances.get(label.id!)!),
    ),
  };
  return JSON.stringify(content, null, 1);
}

function writeAnnotation(frame: string, label: ExchangeLabel, siblings: readonly string[]) {
  const { box, id } = label;
  const [x, y, z, w] = quaternionOf(box.yaw, label.tilt) as [number, number, number, number];
  const token = annotationToken(frame, label);
  const at = siblings.indexOf(token);
  const imported = importedObject('nuscenes', label);
  return {
    attribute_tokens: [],
    visibility_token: '',
    prev: siblings[at - 1] ?? '',
    next: siblings[at + 1] ?? '',
    ...imported?.raw,
    token,
    sample_token: frame,
    instance_token: id,
    ...(imported?.isSameBox
      ? {}
      : {
          translation: box.center.map(tidy),
          size: [box.size[1], box.size[0], box.size[2]].map(tidy),
          rotation: [w, x, y, z].map(tidy),
        }),
    ...(imported?.isSameClass ? {} : { category_name: classWord(label, CATEGORIES) }),
    nearbox_class: label.class,
    // Undefined: JSON leaves the field out.
    nearbox_own_class: label.ownClass,
    nearbox_attributes: label.attributes,
    nearbox_state: label.state,
  };
}

function annotationToken(frame: string, label: ExchangeLabel): string {
  const known = importedObject('nuscenes', label)?.raw.token;
  return typeof known === 'string' && known !== '' ? known : `${frame}#${label.id}`;
}

/** @throws Error that names the annotation that is wrong. */
export function readNuScenes(value: unknown, context: ImportContext): ExchangeFrame[] {
  const tables = isRecord(value) ? value : {};
  const list = Array.isArray(value) ? value : tables.sample_annotation;
  const categories = instanceCategories(tables);
  const frames = new Map<string, ExchangeLabel[]>();
  const put = (frame: string, label: ExchangeLabel) =>
    frames.set(frame, [...(frames.get(frame) ?? []), label]);
  const frameOf = (token: unknown) =>
    typeof token === 'string' && token !== '' ? token : context.currentFrame;
  if (Array.isArray(list))
    for (const [index, entry] of list.entries())
      put(
        frameOf(isRecord(entry) && entry.sample_token),
        readAnnotation(entry, `annotation ${index}`, categories, context),
      );
  else if (isRecord(tables.results))
    for (const [token, detections] of Object.entries(tables.results))
      for (const [index, entry] of (Array.isArray(detections) ? detections : []).entries())
        put(frameOf(token), readAnnotation(entry, `results of ${token}, ${index}`, categories, context));
  else throw new Error('there is neither `sample_annotation` nor `results`');
  const { sample, sample_annotation: _, results: _results, ...file } = tables;
  const samples = new Map(asList(sample).map((row) => [String(row.token), row]));
  // A sample without annotations is a frame as well.
  for (const token of samples.keys()) if (!frames.has(token)) frames.set(token, []);
  return [...frames].map(([frame, labels], index) => ({
    frame,
    labels,
    kept: keptFrame('nuscenes', samples.get(frame) ?? {}, index === 0 ? file : null),
  }));
}

function instanceCategories(tables: Record<string, unknown>): Map<string, string> {
  const names = new Map<unknown, unknown>();
  for (const entry of asList(tables.category)) names.set(entry.token, entry.name);
  return new Map(
    asList(tables.instance).map((entry) => [String(entry.token), String(names.get(entry.category_token))]),
  );
}

function asList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function readAnnotation(
  entry: unknown,
  where: string,
  categories: ReadonlyMap<string, string>,
  context: ImportContext,
): ExchangeLabel {
  const box = isRecord(entry) ? boxOf(entry) : null;
  if (!isRecord(entry) || box === null)
    throw new Error(`${where} has no valid translation, size and rotation`);
  const [w, x, y, z] = entry.rotation as [number, number, number, number];
  const tilt = tiltOfQuaternion([x, y, z, w]);
  const id = entry.instance_token ?? entry.tracking_id;
  const score = entry.detection_score ?? entry.tracking_score;
  const name =
    entry.category_name ?? entry.detection_name ?? entry.tracking_name ?? categories.get(String(id));
  const like = entry.nearbox_class;
  const traits = readTraits(
    { name, like, ownClass: entry.nearbox_own_class },
    entry.nearbox_attributes,
    context,
  );
  return {
    id: typeof id === 'string' && id !== '' ? id : null,
    box,
    ...(tilt === undefined ? {} : { tilt }),
    ...traits,
    score: typeof score === 'number' ? score : null,
    state: entry.nearbox_state === 'draft' || score !== undefined ? 'draft' : 'accepted',
    method: 'imported',
    kept: keptObject('nuscenes', entry, box, className(traits), tilt),
  };
}

function boxOf(entry: Record<string, unknown>): Box | null {
  const center = finiteNumbers(entry.translation, 3);
  const size = finiteNumbers(entry.size, 3);
  const rotation = finiteNumbers(entry.rotation, 4);
  if (center === null || size === null || rotation === null || !size.every((length) => length > 0))
    return null;
  const [w, x, y, z] = rotation as [number, number, number, number];
  return {
    center: center as [number, number, number],
    size: [size[1]!, size[0]!, size[2]!],
    yaw: yawOfQuaternion([x, y, z, w]),
  };
}
