/**
 * nearbox's own JSON: the labelled-frames form that `nearbox evaluate` and `nearbox profile` read, with what
 * an annotator adds.
 */

import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import type { LabelMethod } from '../model/index.ts';
import { className, isRecord, readBox, readTilt } from '../model/index.ts';
import { classesFrom, classFrom, type ImportContext, tidy } from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject } from './imported.ts';

export function writePlain(frames: readonly ExchangeFrame[]): string {
  const file = frames.map(({ kept }) => importedFrame('json', kept)?.file).find((found) => found != null);
  const content = {
    format: 'nearbox-labels',
    version: 1,
    ...file,
    frames: frames.map(({ frame, labels, kept }) => ({
      id: frame,
      cloud: frame,
      ...importedFrame('json', kept)?.raw,
      objects: labels.map(writeObject),
    })),
  };
  return JSON.stringify(content, null, 1);
}

function writeObject(label: ExchangeLabel) {
  const { id, box, tilt, ownClass, attributes, score, state, method } = label;
  const imported = importedObject('json', label);
  const raw = imported?.raw ?? {};
  /** What the file has, as long as it stands for the same. */
  const asItCame = (name: string, value: unknown, meaning: (known: unknown) => unknown) =>
    raw[name] !== undefined && meaning(raw[name]) === value ? raw[name] : value;
  return {
    ...raw,
    ...(imported?.isSameClass ? {} : { class: label.class }),
    ...(imported?.isSameBox
      ? {}
      : { center: box.center.map(tidy), size: box.size.map(tidy), yaw: tidy(box.yaw) }),
    id: asItCame('id', id, String),
    // Undefined: what the file said was taken back, and JSON leaves the field out.
    tilt,
    ownClass,
    ...(attributes !== undefined || isRecord(imported?.raw.attributes) ? { attributes } : {}),
    score: imported?.isSameBox ? asItCame('score', score, scoreFrom) : score,
    state: asItCame('state', state, stateFrom),
    method: asItCame('method', method, methodFrom),
  };
}

/** @throws Error that names the frame and object that is wrong. */
export function readPlain(value: unknown, context: ImportContext): ExchangeFrame[] {
  if (!isRecord(value) || !Array.isArray(value.frames)) throw new Error('there is no list `frames`');
  const { frames: _, ...file } = value;
  return value.frames.map((frame: unknown, index) => {
    if (!isRecord(frame) || !Array.isArray(frame.objects))
      throw new Error(`frames[${index}] has no list \`objects\``);
    const labels = frame.objects.map((object: unknown, at) =>
      readObject(object, `frames[${index}].objects[${at}]`, context),
    );
    const { objects: _objects, ...raw } = frame;
    const kept = keptFrame('json', raw, index === 0 ? file : null);
    return { frame: String(frame.cloud ?? frame.id), labels, kept };
  });
}

const METHODS: readonly string[] = ['model', 'geometric', 'local', 'drawn', 'copied'];

function scoreFrom(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function stateFrom(value: unknown): ExchangeLabel['state'] {
  return value === 'draft' ? 'draft' : 'accepted';
}

function methodFrom(value: unknown): LabelMethod {
  return METHODS.includes(String(value)) ? (value as LabelMethod) : 'imported';
}

function readObject(object: unknown, where: string, context: ImportContext): ExchangeLabel {
  const box = readBox(object);
  if (!isRecord(object) || box === null)
    throw new Error(`${where} is not a box: center, size and yaw are needed`);
  const tilt = readTilt(object.tilt);
  const kind =
    typeof object.ownClass === 'string'
      ? { class: classFrom(object.class), ownClass: object.ownClass }
      : classesFrom(object.class, context);
  return {
    id: object.id === undefined || object.id === null ? null : String(object.id),
    box,
    ...(tilt === undefined ? {} : { tilt }),
    ...kind,
    ...(isRecord(object.attributes) ? { attributes: object.attributes } : {}),
    score: scoreFrom(object.score),
    state: stateFrom(object.state),
    method: methodFrom(object.method),
    kept: keptObject('json', object, box, className(kind), tilt),
  };
}
