/**
 * Supervisely's projects of point clouds: `DATASET/annotation.json` for a sequence ("episodes": objects, and
 * frames with figures), with the frames' files in `frame_pointcloud_map.json`; or `DATASET/ann/NAME.json` for
 * each cloud; `meta.json` names the classes. Its `cuboid_3d` has dimensions as width, length, height, and a
 * `rotation.z` that is the heading less a quarter turn.
 */

import { type Box, wrapAngle } from '../../../inference/boxes/index.ts';
import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import { className, isRecord } from '../model/index.ts';
import { classFrom, finiteNumbers, frameOfName, type ImportContext, type TextFile, tidy } from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject } from './imported.ts';
import { superviselyKey } from './supervisely-key.ts';
import { readTraits } from './traits/index.ts';

const DATASET = 'ds0';
const EPISODE = 'annotation.json';
const FRAME_FILES = 'frame_pointcloud_map.json';
const CUBOID = 'cuboid_3d';
/** Our ids, where they are no keys of Supervisely's. */
const ID_TAG = 'nearbox id';

type Json = Record<string, unknown>;

/** True for an annotation, and for the files that belong to a project. */
export function isSupervisely({ name }: TextFile, value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (/(^|\/)(key_id_map|frame_pointcloud_map)\.json$/.test(name)) return true;
  return isAnnotation(value) || isProject(value);
}

function isAnnotation(value: Json): boolean {
  const [first] = listOf(value.frames);
  return (
    Array.isArray(value.figures) ||
    (Array.isArray(value.objects) && 'framesCount' in value) ||
    Array.isArray(first?.figures)
  );
}

function isProject(value: Json): boolean {
  return Array.isArray(value.classes) && Array.isArray(value.tags);
}

export function writeSupervisely(frames: readonly ExchangeFrame[]): TextFile[] {
  const imported = frames.map(({ kept }) => importedFrame('supervisely', kept));
  const datasets = new Map<string, ExchangeFrame[]>();
  for (const [index, frame] of frames.entries()) {
    const dataset = String(imported[index]?.raw.dataset ?? DATASET);
    datasets.set(dataset, [...(datasets.get(dataset) ?? []), frame]);
  }
  const project = imported.map((one) => one?.file?.project).find(isRecord) ?? {};
  const written = [...datasets].flatMap(([dataset, own]) =>
    own.every(({ kept }) => typeof importedFrame('supervisely', kept)?.raw.item === 'string')
      ? own.map((frame) => writeItem(dataset, frame))
      : writeEpisode(dataset, own),
  );
  return [json('meta.json', writeProject(project, frames)), ...written];
}

function writeProject(project: Json, frames: readonly ExchangeFrame[]): Json {
  const classes = listOf(project.classes);
  const tags = listOf(project.tags);
  const known = new Set(classes.map(({ title }) => title));
  const needed = new Set(frames.flatMap(({ labels }) => labels.map(titleOf)));
  const added = [...needed]
    .filter((title) => !known.has(title))
    .map((title) => ({ title, shape: CUBOID, color: colorOf(title), geometry_config: {} }));
  const isTagged = tags.some(({ name }) => name === ID_TAG);
  return {
    projectType: 'point_cloud_episodes',
    ...project,
    classes: [...classes, ...added],
    tags: isTagged ? tags : [...tags, { name: ID_TAG, value_type: 'any_string', color: '#888888' }],
  };
}

function writeEpisode(dataset: string, frames: readonly ExchangeFrame[]): TextFile[] {
  const file = frames.map(({ kept }) => importedFrame('supervisely', kept)?.file).find((one) => one != null);
  const annotation = isRecord(file?.annotation) ? file.annotation : {};
  const objects = writeObjects(listOf(annotation.objects), frames);
  const content = {
    description: '',
    key: superviselyKey(`${dataset} ${frames.map(({ frame }) => frame).join(' ')}`),
    tags: [],
    ...annotation,
    objects,
    framesCount: frames.length,
    frames: frames.map((frame, index) => ({ index, figures: writeFigures(frame, objects) })),
  };
  const names = frames.map(({ frame, kept }, index) => {
    const name = importedFrame('supervisely', kept)?.raw.file;
    return [String(index), typeof name === 'string' ? name : `${encodeURIComponent(frame)}.pcd`];
  });
  return [
    json(`${dataset}/${EPISODE}`, content),
    json(`${dataset}/${FRAME_FILES}`, Object.fromEntries(names)),
  ];
}

/** A cloud with a file of its own, as it was imported. */
function writeItem(dataset: string, frame: ExchangeFrame): TextFile {
  const { raw } = importedFrame('supervisely', frame.kept)!;
  const annotation = isRecord(raw.annotation) ? raw.annotation : {};
  const objects = writeObjects(listOf(annotation.objects), [frame]);
  const content = { ...annotation, objects, figures: writeFigures(frame, objects) };
  return json(`${dataset}/ann/${String(raw.item)}`, content);
}

/** Each object once: those of the file as they were, but for what was changed. */
function writeObjects(known: readonly Json[], frames: readonly ExchangeFrame[]): Json[] {
  const objects = new Map(known.map((object) => [String(object.key), object]));
  const seen = new Set<string>();
  for (const label of frames.flatMap(({ labels }) => labels)) {
    const key = objectKey(label);
    if (seen.has(key)) continue;
    seen.add(key);
    const object = objects.get(key);
    const title = titleOf(label);
    if (object !== undefined) objects.set(key, { ...object, classTitle: title });
    else
      objects.set(key, {
        key,
        classTitle: title,
        tags:
          key === label.id
            ? []
            : [{ name: ID_TAG, value: label.id!, key: superviselyKey(`tag ${label.id}`) }],
      });
  }
  return [...objects.values()];
}

function writeFigures(frame: ExchangeFrame, objects: readonly Json[]): Json[] {
  const raw = importedFrame('supervisely', frame.kept)?.raw;
  const titles = new Map(objects.map(({ key, classTitle }) => [key, classTitle]));
  return [...frame.labels.map((label) => writeFigure(frame.frame, label, titles)), ...listOf(raw?.others)];
}

/** An object has one class; `nearbox.class` keeps what it is called in this frame, should frames differ. */
function writeFigure(frame: string, label: ExchangeLabel, titles: ReadonlyMap<unknown, unknown>): Json {
  const { box, state, score } = label;
  const imported = importedObject('supervisely', label);
  const raw = isRecord(imported?.raw.figure) ? imported.raw.figure : {};
  const own = {
    ...(classFrom(titles.get(objectKey(label))) === label.class ? {} : { class: label.class }),
    ...(label.ownClass === undefined ? {} : { ownClass: label.ownClass }),
    ...(label.attributes === undefined ? {} : { attributes: label.attributes }),
    ...(state === 'accepted' ? {} : { state }),
    ...(score === null ? {} : { score: tidy(score) }),
  };
  const { nearbox: _, ...rest } = raw;
  return {
    key: superviselyKey(`figure ${frame} ${label.id}`),
    geometryType: CUBOID,
    ...rest,
    objectKey: objectKey(label),
    geometry: imported?.isSameBox ? raw.geometry : geometryOf(box),
    ...(Object.keys(own).length === 0 ? {} : { nearbox: own }),
  };
}

function geometryOf({ center, size, yaw }: Box): Json {
  const xyz = (values: readonly number[]) => {
    const [x, y, z] = values.map(tidy);
    return { x, y, z };
  };
  return {
    position: xyz(center),
    rotation: xyz([0, 0, wrapAngle(yaw - Math.PI / 2)]),
    dimensions: xyz([size[1], size[0], size[2]]),
  };
}

/** An object keeps the word of its file, unless its class was changed. */
function titleOf(label: ExchangeLabel): string {
  const imported = importedObject('supervisely', label);
  const title = isRecord(imported?.raw.object) ? imported.raw.object.classTitle : undefined;
  return imported?.isSameClass && typeof title === 'string' ? title : className(label);
}

function objectKey(label: ExchangeLabel): string {
  const figure = importedObject('supervisely', label)?.raw.figure;
  if (isRecord(figure) && typeof figure.objectKey === 'string') return figure.objectKey;
  return /^[0-9a-f]{32}$/.test(label.id!) ? label.id! : superviselyKey(`object ${label.id}`);
}

function colorOf(title: string): string {
  return `#${superviselyKey(title).slice(0, 6).toUpperCase()}`;
}

function json(name: string, content: unknown): TextFile {
  return { name, text: JSON.stringify(content, null, 1) };
}

/** @throws Error that names the figure that is wrong. */
export function readSupervisely(
  files: readonly { readonly name: string; readonly value: unknown }[],
  context: ImportContext,
): ExchangeFrame[] {
  const project = files.find(({ value }) => isRecord(value) && isProject(value))?.value ?? {};
  const annotations = files.flatMap(({ name, value }) =>
    isRecord(value) && isAnnotation(value) ? [{ name, value }] : [],
  );
  const hasSeveral = new Set(annotations.map(({ name }) => datasetOf(name))).size > 1;
  return annotations.flatMap(({ name, value }) => {
    const dataset = datasetOf(name);
    const prefix = hasSeveral ? `${dataset}/` : '';
    try {
      if (Array.isArray(value.figures)) return [readItem(name, value, { dataset, prefix, project }, context)];
      const list = files.find((file) => file.name === name.replace(/[^/]*$/, FRAME_FILES))?.value;
      return readEpisode(value, { dataset, prefix, project, list: isRecord(list) ? list : {} }, context);
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  });
}

interface Place {
  readonly dataset: string;
  readonly prefix: string;
  readonly project: unknown;
}

function datasetOf(name: string): string {
  const folders = name.split('/').slice(0, -1);
  if (folders.at(-1) === 'ann') folders.pop();
  return folders.at(-1) ?? DATASET;
}

function readEpisode(
  value: Json,
  { dataset, prefix, project, list }: Place & { readonly list: Json },
  context: ImportContext,
): ExchangeFrame[] {
  const { frames, ...annotation } = value;
  const objects = objectsOf(value);
  const figures = new Map(listOf(frames).map((frame) => [Number(frame.index), listOf(frame.figures)]));
  const count = Math.max(Number(value.framesCount) || 0, 0, ...[...figures.keys()].map((index) => index + 1));
  if (count > MOST_FRAMES) throw new Error(`it promises ${count} frames`);
  return Array.from({ length: count }, (_, index) => {
    const file = list[String(index)];
    const name =
      typeof file === 'string' ? decoded(file) : (context.frames[index] ?? String(index).padStart(6, '0'));
    const own = figures.get(index) ?? [];
    return {
      frame: frameOfName(`${prefix}${name}`, context),
      labels: readFigures(own, objects, `frame ${index}`, context),
      kept: keptFrame(
        'supervisely',
        { dataset, ...(typeof file === 'string' ? { file } : {}), others: others(own) },
        index === 0 ? { annotation, project } : null,
      ),
    };
  });
}

const MOST_FRAMES = 1_000_000;

function readItem(name: string, value: Json, place: Place, context: ImportContext): ExchangeFrame {
  const item = name.split('/').at(-1)!;
  const { figures, ...annotation } = value;
  const own = listOf(figures);
  return {
    frame: frameOfName(`${place.prefix}${decoded(item.replace(/\.json$/i, ''))}`, context),
    labels: readFigures(own, objectsOf(value), item, context),
    kept: keptFrame(
      'supervisely',
      { dataset: place.dataset, item, annotation, others: others(own) },
      { project: place.project },
    ),
  };
}

function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

function objectsOf(value: Json): Map<string, Json> {
  return new Map(listOf(value.objects).map((object) => [String(object.key), object]));
}

function others(figures: readonly Json[]): readonly Json[] {
  return figures.filter(({ geometryType }) => geometryType !== CUBOID);
}

function readFigures(
  figures: readonly Json[],
  objects: ReadonlyMap<string, Json>,
  where: string,
  context: ImportContext,
): ExchangeLabel[] {
  return figures
    .filter(({ geometryType }) => geometryType === CUBOID)
    .map((figure, index) => {
      const box = boxOf(figure.geometry);
      if (box === null) throw new Error(`${where}, figure ${index} has no valid cuboid`);
      const key = String(figure.objectKey);
      const object = objects.get(key) ?? {};
      const own = isRecord(figure.nearbox) ? figure.nearbox : {};
      const traits = readTraits(
        { name: object.classTitle, like: own.class, ownClass: own.ownClass },
        own.attributes,
        context,
      );
      return {
        id: idOf(object, key),
        box,
        ...traits,
        score: typeof own.score === 'number' ? own.score : null,
        state: own.state === 'draft' ? 'draft' : 'accepted',
        method: 'imported',
        kept: keptObject('supervisely', { figure, object }, box, className(traits)),
      };
    });
}

function idOf(object: Json, key: string): string {
  const tag = listOf(object.tags).find(({ name }) => name === ID_TAG);
  return typeof tag?.value === 'string' ? tag.value : key;
}

function boxOf(geometry: unknown): Box | null {
  if (!isRecord(geometry)) return null;
  const xyz = (value: unknown) => (isRecord(value) ? finiteNumbers([value.x, value.y, value.z], 3) : null);
  const [center, rotation, size] = [xyz(geometry.position), xyz(geometry.rotation), xyz(geometry.dimensions)];
  if (center === null || rotation === null || !size?.every((length) => length > 0)) return null;
  return {
    center: center as [number, number, number],
    size: [size[1]!, size[0]!, size[2]!],
    yaw: wrapAngle(rotation[2]! + Math.PI / 2),
  };
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
