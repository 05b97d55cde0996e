/**
 * Reads and writes ASAM OpenLABEL 1.0 cuboids. The writer uses the form with 10 values (x, y, z, qx, qy, qz,
 * qw, sx, sy, sz) in the coordinates of the cloud; each frame has one stream, which names the cloud. The
 * reader also accepts the form with 9 values, which has Euler angles (rz last).
 */

import type { Box } from '../../../inference/boxes/index.ts';
import { knownTilt, quaternionOf, tiltOfQuaternion } from '../boxes/index.ts';
import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import type { LabelMethod, Tilt } from '../model/index.ts';
import { className, isRecord } from '../model/index.ts';
import { classesFrom, classFrom, finiteNumbers, type ImportContext, tidy } from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject } from './imported.ts';
import { yawOfQuaternion } from './quaternion.ts';

const SYSTEM = 'cloud';
/** The uids of objects that the schema allows. */
const UID = /^(-?\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function writeOpenLabel(frames: readonly ExchangeFrame[]): string {
  const uids = uidsOf(frames);
  const file = frames
    .map(({ kept }) => importedFrame('openlabel', kept)?.file)
    .find((found) => found != null);
  const known = isRecord(file?.objects) ? file.objects : {};
  const objects: Record<string, unknown> = { ...known };
  const described = new Set<string>();
  for (const { labels } of frames)
    for (const label of labels) {
      const uid = uids.get(label.id!)!;
      if (described.has(uid)) continue;
      described.add(uid);
      const imported = importedObject('openlabel', label);
      const raw = isRecord(known[uid]) ? known[uid] : {};
      objects[uid] = {
        name: label.id!,
        ...raw,
        ...(imported?.isSameClass && 'type' in raw ? {} : { type: className(label) }),
      };
    }
  const systems = isRecord(file?.coordinate_systems) ? file.coordinate_systems : {};
  const streams = isRecord(file?.streams) ? file.streams : { lidar: { type: 'lidar' } };
  const content = {
    openlabel: {
      ...file,
      metadata: {
        annotator: 'nearbox',
        ...(isRecord(file?.metadata) ? file.metadata : {}),
        schema_version: '1.0.0',
      },
      coordinate_systems: { [SYSTEM]: { type: 'local', parent: '', children: [] }, ...systems },
      streams,
      objects,
      frames: Object.fromEntries(frames.map((frame, index) => [String(index), writeFrame(frame, uids)])),
      frame_intervals: frames.length === 0 ? [] : [{ frame_start: 0, frame_end: frames.length - 1 }],
    },
  };
  return JSON.stringify(content, null, 1);
}

function writeFrame({ frame, labels, kept }: ExchangeFrame, uids: ReadonlyMap<string, string>) {
  const raw = importedFrame('openlabel', kept)?.raw ?? {};
  const properties = isRecord(raw.frame_properties) ? raw.frame_properties : {};
  const streams = isRecord(properties.streams) ? properties.streams : { lidar: { uri: frame } };
  const others = isRecord(raw.objects) ? raw.objects : {};
  return {
    ...raw,
    frame_properties: { ...properties, streams },
    objects: {
      ...others,
      ...Object.fromEntries(labels.map((label) => [uids.get(label.id!)!, writeObject(label)])),
    },
  };
}

function writeObject(label: ExchangeLabel) {
  const raw = importedObject('openlabel', label)?.raw ?? {};
  const object = isRecord(raw.object) ? raw.object : {};
  const data = isRecord(object.object_data) ? object.object_data : {};
  const more = Array.isArray(data.cuboid) ? data.cuboid.slice(1) : [];
  return { ...object, object_data: { ...data, cuboid: [cuboid(label), ...more] } };
}

/**
 * In OpenLABEL an object has one type for all frames. The attribute `class` keeps the class in this frame, in
 * case frames differ.
 */
function cuboid(label: ExchangeLabel) {
  const { box, score, state, method } = label;
  const imported = importedObject('openlabel', label);
  const object = isRecord(imported?.raw.object) ? imported.raw.object : {};
  const data = isRecord(object.object_data) ? object.object_data : {};
  const first: unknown = Array.isArray(data.cuboid) ? data.cuboid[0] : undefined;
  const raw = isRecord(first) ? first : {};
  const attributes = isRecord(raw.attributes) ? raw.attributes : {};
  const read = readAttributes(raw).attributes ?? {};
  /** The attributes of the file as they are now, then those that are new. */
  const merged = (kind: AttributeKind, own: readonly { readonly name: string; readonly val: unknown }[]) => {
    const now = [...attributesOfKind(label, kind), ...own];
    const old = Array.isArray(attributes[kind]) ? (attributes[kind] as unknown[]) : [];
    const known = old.flatMap((one) => {
      if (!isRecord(one)) return [one];
      const same = now.find(({ name }) => name === one.name);
      if (same !== undefined) return [{ ...one, val: same.val }];
      // One that was read, and is no longer there, was taken out.
      const wasRead = typeof one.name === 'string' && one.name in read;
      return wasRead || one.name === PASSING_ATTRIBUTES[kind] ? [] : [one];
    });
    const names = old.map((one) => (isRecord(one) ? one.name : undefined));
    const all = [...known, ...now.filter(({ name }) => !names.includes(name))];
    if (all.length > 0) return { [kind]: all };
    return old.length === 0 ? {} : { [kind]: undefined };
  };
  return {
    name: 'box',
    coordinate_system: SYSTEM,
    ...raw,
    ...(imported?.isSameBox
      ? {}
      : { val: [...box.center, ...quaternionOf(box.yaw, label.tilt), ...box.size].map(tidy) }),
    attributes: {
      ...attributes,
      ...merged('boolean', [{ name: 'accepted', val: state === 'accepted' }]),
      ...merged('text', [
        { name: 'class', val: label.class },
        ...(label.ownClass === undefined ? [] : [{ name: 'own_class', val: label.ownClass }]),
        { name: 'method', val: method },
      ]),
      ...merged('num', score === null ? [] : [{ name: 'score', val: tidy(score) }]),
    },
  };
}

/** Names of attributes that the page uses itself. */
const OWN_ATTRIBUTES = ['accepted', 'class', 'own_class', 'method', 'score'];
/** Those that a box may lose again. */
const PASSING_ATTRIBUTES: Readonly<Partial<Record<AttributeKind, string>>> = {
  text: 'own_class',
  num: 'score',
};
const KINDS = { boolean: 'boolean', num: 'number', text: 'string' } as const;
type AttributeKind = keyof typeof KINDS;

/** The project's attributes of one kind, as OpenLABEL has them. */
function attributesOfKind({ attributes = {} }: ExchangeLabel, kind: AttributeKind) {
  return Object.entries(attributes).flatMap(([name, val]) =>
    typeof val === KINDS[kind] && !OWN_ATTRIBUTES.includes(name) ? [{ name, val }] : [],
  );
}

/** Attributes of a cuboid that the page does not use itself; empty: there are none. */
function readAttributes(entry: Record<string, unknown>): Pick<ExchangeLabel, 'attributes'> {
  const found = Object.entries(KINDS).flatMap(([kind, type]) => {
    const all = isRecord(entry.attributes) ? entry.attributes[kind] : undefined;
    return (Array.isArray(all) ? all : []).flatMap((one: unknown): [string, unknown][] =>
      isRecord(one) &&
      typeof one.name === 'string' &&
      typeof one.val === type &&
      !OWN_ATTRIBUTES.includes(one.name)
        ? [[one.name, one.val]]
        : [],
    );
  });
  return found.length === 0 ? {} : { attributes: Object.fromEntries(found) };
}

/** An id that the schema does not allow gets a free number as uid; the id becomes the name of the object. */
function uidsOf(frames: readonly ExchangeFrame[]): Map<string, string> {
  const ids = [...new Set(frames.flatMap(({ labels }) => labels.map((label) => label.id!)))];
  const taken = new Set(ids.filter((id) => UID.test(id)));
  let next = 1;
  return new Map(
    ids.map((id) => {
      if (UID.test(id)) return [id, id];
      while (taken.has(String(next))) next += 1;
      taken.add(String(next));
      return [id, String(next)];
    }),
  );
}

/** @throws Error that says what is wrong. */
export function readOpenLabel(value: unknown, context: ImportContext): ExchangeFrame[] {
  const root = isRecord(value) ? value.openlabel : undefined;
  if (!isRecord(root)) throw new Error('there is no object `openlabel`');
  const objects = isRecord(root.objects) ? root.objects : {};
  const frames = isRecord(root.frames) ? root.frames : {};
  const { frames: _, frame_intervals: _intervals, ...file } = root;
  const result = Object.entries(frames).map(([number, frame], position): ExchangeFrame => {
    const own = isRecord(frame) && isRecord(frame.objects) ? frame.objects : {};
    const raw = { ...(isRecord(frame) ? frame : {}), objects: withoutCuboids(own) };
    return {
      frame: frameId(frame, number, context),
      labels: readObjects(own, objects, context),
      kept: keptFrame('openlabel', raw, position === 0 ? file : null),
    };
  });
  if (result.length > 0) return result;
  const kept = keptFrame('openlabel', { objects: withoutCuboids(objects) }, file);
  return [{ frame: context.currentFrame, labels: readObjects(objects, objects, context), kept }];
}

/** The cloud of a frame: the one that its stream names, else the frame with this number. */
function frameId(frame: unknown, number: string, context: ImportContext): string {
  const properties = isRecord(frame) && isRecord(frame.frame_properties) ? frame.frame_properties : {};
  const streams = isRecord(properties.streams) ? Object.values(properties.streams) : [];
  const uris = streams.flatMap((stream) => {
    if (!isRecord(stream)) return [];
    const inner = isRecord(stream.stream_properties) ? stream.stream_properties.uri : undefined;
    const uri = stream.uri ?? inner;
    return typeof uri === 'string' ? [uri] : [];
  });
  const known = uris.find((uri) => context.frames.includes(uri));
  return known ?? uris[0] ?? context.frames[Number(number)] ?? number;
}

/** Objects without a box in this frame; they are kept unchanged. */
function withoutCuboids(objects: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objects).filter(([, object]) => cuboidsOf(object).length === 0));
}

function cuboidsOf(object: unknown): readonly unknown[] {
  const data = isRecord(object) && isRecord(object.object_data) ? object.object_data : {};
  return Array.isArray(data.cuboid) ? data.cuboid : [];
}

function readObjects(
  own: Record<string, unknown>,
  all: Record<string, unknown>,
  context: ImportContext,
): ExchangeLabel[] {
  return Object.entries(own).flatMap(([uid, object]): ExchangeLabel[] => {
    const described = isRecord(all[uid]) ? all[uid] : isRecord(object) ? object : {};
    return cuboidsOf(object)
      .slice(0, 1)
      .map((entry: unknown) => {
        const box = isRecord(entry) ? boxOf(entry.val) : null;
        if (!isRecord(entry) || box === null)
          throw new Error(`object ${uid}: the cuboid needs 9 or 10 finite values`);
        const tilt = tiltOf(entry.val);
        const kind = classOf(entry, described.type, context);
        const method = attribute(entry, 'text', 'method');
        const score = attribute(entry, 'num', 'score');
        return {
          id: typeof described.name === 'string' && isOurs(described.name, uid) ? described.name : uid,
          box,
          ...(tilt === undefined ? {} : { tilt }),
          ...kind,
          ...readAttributes(entry),
          score: typeof score === 'number' ? score : null,
          state: attribute(entry, 'boolean', 'accepted') === false ? 'draft' : 'accepted',
          method: typeof method === 'string' && method !== '' ? (method as LabelMethod) : 'imported',
          kept: keptObject('openlabel', { object }, box, className(kind), tilt),
        };
      });
  });
}

/** The class in this frame: what the page said of it, else the type of the object. */
function classOf(
  entry: Record<string, unknown>,
  type: unknown,
  context: ImportContext,
): Pick<ExchangeLabel, 'class' | 'ownClass'> {
  const [known, own] = [attribute(entry, 'text', 'class'), attribute(entry, 'text', 'own_class')];
  if (known === undefined) return classesFrom(type, context);
  return { class: classFrom(known), ...(typeof own === 'string' ? { ownClass: own } : {}) };
}

/**
 * The id of an object. In our own files it is the name. Other tools write names such as "car 7"; there the
 * uid is the id.
 */
function isOurs(name: string, uid: string): boolean {
  return name !== '' && !UID.test(name) && /^\d+$/.test(uid) && !/\s/.test(name);
}

function boxOf(value: unknown): Box | null {
  const ten = finiteNumbers(value, 10);
  const v = ten ?? finiteNumbers(value, 9);
  if (v === null) return null;
  const size = ten ? ([v[7]!, v[8]!, v[9]!] as const) : ([v[6]!, v[7]!, v[8]!] as const);
  if (!size.every((length) => length > 0)) return null;
  return {
    center: [v[0]!, v[1]!, v[2]!],
    size,
    yaw: ten ? yawOfQuaternion([v[3]!, v[4]!, v[5]!, v[6]!]) : v[5]!,
  };
}

/** Pitch and roll of a cuboid of either form. */
function tiltOf(value: unknown): Tilt | undefined {
  const ten = finiteNumbers(value, 10);
  if (ten !== null) return tiltOfQuaternion([ten[3]!, ten[4]!, ten[5]!, ten[6]!]);
  const nine = finiteNumbers(value, 9);
  return nine === null ? undefined : knownTilt({ roll: nine[3]!, pitch: nine[4]! });
}

function attribute(entry: Record<string, unknown>, kind: string, name: string): unknown {
  const attributes = isRecord(entry.attributes) ? entry.attributes[kind] : undefined;
  if (!Array.isArray(attributes)) return undefined;
  const found = attributes.find((one: unknown) => isRecord(one) && one.name === name) as
    | { val?: unknown }
    | undefined;
  return found?.val;
}
