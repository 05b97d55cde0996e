/** What a server keeps with `--labels` and `--feedback`, as labelled frames. */
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../../inference/classes/index.ts';
import type { ExchangeFrame } from '../page/exchange/index.ts';
import type { PackedFile } from '../page/formats/index.ts';
import { isRecord, readBox } from '../page/model/index.ts';

type StoredLabel = ExchangeFrame['labels'][number];

interface StoredLabels {
  /** Boxes that somebody has confirmed, by cloud. */
  readonly frames: readonly ExchangeFrame[];
  /** Boxes that nobody has confirmed yet; they are in no frame. */
  readonly proposed: number;
  /** Files that are neither. */
  readonly others: readonly PackedFile[];
}

/** Takes the documents of labels, and the records of feedback, out of files of all kinds. */
export function readStoredLabels(files: readonly PackedFile[]): StoredLabels {
  const frames: ExchangeFrame[] = [];
  const records: FeedbackRecord[] = [];
  const others: PackedFile[] = [];
  let proposed = 0;
  for (const file of files) {
    const value = file.name.toLowerCase().endsWith('.json') ? parsed(file) : null;
    const cloud = isRecord(value) && isRecord(value.cloud) ? value.cloud.id : undefined;
    if (!isRecord(value) || typeof cloud !== 'string') others.push(file);
    else if (Array.isArray(value.boxes)) {
      const boxes: unknown[] = value.boxes;
      proposed += boxes.filter((box) => isRecord(box) && box.status === 'proposed').length;
      frames.push({
        frame: cloud,
        labels: boxes.flatMap((box, at) => fromBox(box, `${file.name}: boxes[${at}]`)),
      });
    } else if (typeof value.outcome === 'string') records.push({ cloud, value, name: file.name });
    else others.push(file);
  }
  return { frames: [...frames, ...framesOfFeedback(records)], proposed, others };
}

function parsed({ bytes }: PackedFile): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Whoever reads it next says what is wrong.
    return null;
  }
}

/** @throws Error that names the box */
function fromBox(value: unknown, where: string): StoredLabel[] {
  if (!isRecord(value)) throw new Error(`${where} is no box`);
  if (value.status !== 'accepted' && value.status !== 'edited') return [];
  return [confirmed(value.box, value, where)];
}

function confirmed(given: unknown, value: Record<string, unknown>, where: string): StoredLabel {
  const box = readBox(given);
  if (box === null) throw new Error(`${where} has no box with center, size and yaw`);
  return {
    id: typeof value.id === 'string' ? value.id : null,
    box,
    class: classOf(value.class),
    ...(typeof value.ownClass === 'string' ? { ownClass: value.ownClass } : {}),
    ...(isRecord(value.attributes) ? { attributes: value.attributes } : {}),
    score: null,
    state: 'accepted',
    method: 'imported',
  };
}

function classOf(name: unknown): ObjectClass {
  return OBJECT_CLASSES.find((known) => known === name) ?? labelClass(String(name ?? 'other'));
}

interface FeedbackRecord {
  readonly cloud: string;
  readonly value: Record<string, unknown>;
  readonly name: string;
}

/** Of several records of one prediction the last that was received counts. */
function framesOfFeedback(records: readonly FeedbackRecord[]): ExchangeFrame[] {
  const received = ({ value }: FeedbackRecord) => String(value.received ?? '');
  const last = new Map<unknown, FeedbackRecord>();
  for (const record of records.toSorted((a, b) => (received(a) < received(b) ? -1 : 1)))
    last.set(record.value.prediction ?? record.name, record);
  const frames = new Map<string, StoredLabel[]>();
  for (const { cloud, value, name } of last.values()) {
    const labels = frames.get(cloud) ?? [];
    frames.set(cloud, labels);
    if (value.outcome === 'rejected') continue;
    const proposed = isRecord(value.proposed) ? value.proposed : {};
    const box = value.box ?? proposed.box;
    // Where an object was missed, and nobody drew it.
    if (box === undefined) continue;
    const track = isRecord(value.track) ? value.track : {};
    labels.push(confirmed(box, { class: value.class ?? proposed.class, id: track.id }, name));
  }
  return [...frames].map(([frame, labels]) => ({ frame, labels }));
}
