/**
 * The labels document of a cloud, as `/v1/labels/{cloud}` stores it, and the way between it and the page's
 * labels.
 */

import { OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import type { LabelsBox, PageLabels } from '../api/index.ts';
import type { FrameLabels, Label, LabelMethod } from '../model/index.ts';
import {
  isRecord,
  METHODS,
  PLACE_STATUSES,
  type PlaceStatus,
  readBox,
  readTilt,
  type TrackPlace,
  textOrNull,
  without,
} from '../model/index.ts';

/** The state of a document that nobody has written yet. */
export function emptyDocument(cloud: string, version: string | null): PageLabels {
  return { version: 1, cloud: { id: cloud, version }, state: 'open', boxes: [] };
}

/** True if there is nothing in the document that anyone could lose. */
export function isEmptyDocument(document: PageLabels): boolean {
  return document.boxes.length === 0 && document.state === 'open';
}

/** What labels were read from: an unchanged one is written just as it was. */
const readFrom = new WeakMap<FrameLabels, PageLabels>();
const boxReadFrom = new WeakMap<Label, LabelsBox>();

export function toDocument(cloud: string, frame: FrameLabels): PageLabels {
  const unchanged = readFrom.get(frame);
  if (unchanged !== undefined) return unchanged;
  const { unshown, ...kept } = frame.kept;
  return {
    ...kept,
    version: 1,
    cloud: { id: cloud, version: frame.cloudVersion },
    state: frame.isDone ? 'done' : 'open',
    ...(Object.keys(frame.missing).length === 0 ? {} : { missing: frame.missing }),
    boxes: [...frame.labels.map(toBox), ...(Array.isArray(unshown) ? (unshown as LabelsBox[]) : [])],
  };
}

function toBox(label: Label): LabelsBox {
  const unchanged = boxReadFrom.get(label);
  if (unchanged !== undefined) return unchanged;
  const { id, box, state, method, score, note, edited, prediction, track, conflictsWith } = label;
  const { ownClass, attributes, tilt } = label;
  const { source, ...kept } = label.kept ?? {};
  return {
    ...kept,
    id,
    class: label.class,
    ...(ownClass === undefined ? {} : { ownClass }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(tilt === undefined ? {} : { tilt }),
    box,
    status: state === 'draft' ? 'proposed' : edited ? 'edited' : 'accepted',
    source: {
      ...(isRecord(source) ? source : {}),
      prediction: prediction?.id ?? null,
      box: prediction?.box ?? null,
      score,
      method,
      ...(prediction?.model === undefined ? {} : { model: prediction.model }),
    },
    ...(edited && state === 'draft' ? { edited } : {}),
    ...(note === null ? {} : { note }),
    ...(track === undefined ? {} : { track: toTrack(track) }),
    ...(conflictsWith === undefined ? {} : { conflictsWith }),
  };
}

const FRAME_FIELDS = ['version', 'cloud', 'state', 'missing', 'boxes'];
const BOX_FIELDS = [
  ...['id', 'class', 'ownClass', 'attributes', 'box', 'status', 'source', 'note', 'edited', 'track'],
  ...['conflictsWith', 'tilt'],
];
const SOURCE_FIELDS = ['prediction', 'box', 'score', 'method', 'model'];

/** `{"status":"measured","static":true,"staticBy":"annotator","locked":true}` */
function toTrack({ status, isStatic, isStaticChosen, isLocked }: TrackPlace) {
  return {
    status,
    static: isStatic,
    ...(isStaticChosen === true ? { staticBy: 'annotator' } : {}),
    ...(isLocked === true ? { locked: true } : {}),
  };
}

function trackFrom(value: unknown): { track?: TrackPlace } {
  if (!isRecord(value) || !PLACE_STATUSES.includes(value.status as PlaceStatus)) return {};
  return {
    track: {
      status: value.status as PlaceStatus,
      isStatic: value.static === true,
      ...(value.staticBy === 'annotator' ? { isStaticChosen: true } : {}),
      ...(value.locked === true ? { isLocked: true } : {}),
    },
  };
}

function missingFrom(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** @throws Error that says what is wrong with the document. */
export function fromDocument(value: unknown): FrameLabels {
  if (!isRecord(value) || !Array.isArray(value.boxes))
    throw new Error('the labels document has no list `boxes`');
  const boxes = value.boxes.map((box: unknown, index) => {
    if (!isRecord(box) || typeof box.id !== 'string')
      throw new Error(`boxes[${index}] of the labels has no id`);
    return box;
  });
  // Boxes that somebody rejected are not shown, and not thrown away either.
  const unshown = boxes.filter(({ status }) => status === 'rejected');
  const version = isRecord(value.cloud) ? textOrNull(value.cloud.version) : null;
  const frame: FrameLabels = {
    labels: boxes.filter(({ status }) => status !== 'rejected').map(labelOf),
    isDone: value.state === 'done',
    cloudVersion: version,
    missing: missingFrom(value.missing),
    kept: { ...without(value, FRAME_FIELDS), ...(unshown.length === 0 ? {} : { unshown }) },
  };
  readFrom.set(frame, value as unknown as PageLabels);
  return frame;
}

function labelOf(value: Record<string, unknown>): Label {
  const label = fromBox(value);
  boxReadFrom.set(label, value as unknown as LabelsBox);
  return label;
}

function fromBox(value: Record<string, unknown>): Label {
  const box = readBox(value.box);
  if (box === null)
    throw new Error(`box ${String(value.id)} of the labels has no valid center, size and yaw`);
  const source = isRecord(value.source) ? value.source : {};
  const answeredBox = readBox(source.box);
  const moreOfSource = without(source, SOURCE_FIELDS);
  const kept = {
    ...without(value, BOX_FIELDS),
    ...(Object.keys(moreOfSource).length === 0 ? {} : { source: moreOfSource }),
  };
  const tilt = readTilt(value.tilt);
  const isKnown = OBJECT_CLASSES.includes(value.class as ObjectClass);
  return {
    id: String(value.id),
    box,
    class: isKnown ? (value.class as ObjectClass) : 'other',
    ...(typeof value.ownClass === 'string' ? { ownClass: value.ownClass } : {}),
    ...(tilt === undefined ? {} : { tilt }),
    ...(isRecord(value.attributes) ? { attributes: value.attributes } : {}),
    state: value.status === 'accepted' || value.status === 'edited' ? 'accepted' : 'draft',
    method: METHODS.includes(source.method as LabelMethod) ? (source.method as LabelMethod) : 'imported',
    score: typeof source.score === 'number' ? source.score : null,
    note: textOrNull(value.note),
    edited: value.status === 'edited' || value.edited === true,
    prediction:
      typeof source.prediction === 'string' && answeredBox !== null
        ? {
            id: source.prediction,
            box: answeredBox,
            ...(typeof source.model === 'string' ? { model: source.model } : {}),
          }
        : null,
    ...trackFrom(value.track),
    ...(typeof value.conflictsWith === 'string' ? { conflictsWith: value.conflictsWith } : {}),
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
  };
}
