import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_LABELS } from '../model/index.ts';
import { anyBox, anyLabel } from '../testing/index.ts';
import { fromDocument, toDocument } from './document.ts';

const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the labels document', () => {
  it('gives labels back as they were', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyLabel, { maxLength: 6, selector: ({ id }) => id }),
        fc.boolean(),
        fc.option(anyBox),
        (list, isDone, answered) => {
          const labels = list.map((label) => ({
            ...label,
            prediction: answered && { id: 'p', box: answered, model: 'fit 4' },
            ...(label.edited ? { ownClass: 'delivery', attributes: { doors: 2, parked: true } } : {}),
          }));
          const frame = { ...NO_LABELS, labels, isDone, cloudVersion: 'v1' };
          expect(fromDocument(asJson(toDocument('a/0', frame)))).toEqual(asJson(frame));
        },
      ),
    );
  });

  it('has the words of the contract', () => {
    const [label] = fc.sample(anyLabel, { numRuns: 1, seed: 1 });
    const status = (change: object) =>
      toDocument('a/0', { ...NO_LABELS, labels: [{ ...label!, ...change }] }).boxes[0]!.status;
    expect(status({ state: 'draft', edited: false })).toBe('proposed');
    expect(status({ state: 'draft', edited: true })).toBe('proposed');
    expect(status({ state: 'accepted', edited: false })).toBe('accepted');
    expect(status({ state: 'accepted', edited: true })).toBe('edited');
    expect(toDocument('a/0', { ...NO_LABELS, isDone: true, cloudVersion: 'v1' })).toEqual({
      version: 1,
      cloud: { id: 'a/0', version: 'v1' },
      state: 'done',
      boxes: [],
    });
  });

  it('keeps what it does not know, in the document, in boxes and in sources, and rejected boxes', () => {
    const box = { center: [1, 2, 3], size: [4, 2, 1.5], yaw: 0.5 };
    const document = asJson({
      version: 1,
      cloud: { id: 'a/0', version: 'v1' },
      frame: { timestamp: 12.5, index: 3 },
      state: 'open',
      reviewer: 'somebody',
      boxes: [
        {
          id: 'x',
          class: 'car',
          box,
          status: 'accepted',
          attributes: { occluded: true },
          source: {
            prediction: 'p',
            box,
            score: 0.9,
            method: 'model',
            model: 'fit 4',
            seconds: 3,
            profile: 'kitti',
          },
        },
        { id: 'y', class: 'car', box, status: 'rejected', why: 'a bush' },
      ],
    });
    const frame = fromDocument(document);
    expect(frame.labels.map(({ id }) => id)).toEqual(['x']);
    // Not one byte changes by looking at it.
    expect(toDocument('a/0', frame)).toBe(document);
    const edited = { ...frame, labels: frame.labels.map((label) => ({ ...label, edited: true })) };
    const written = toDocument('a/0', edited);
    expect(written).toEqual({
      ...document,
      boxes: [{ ...document.boxes[0], status: 'edited' }, document.boxes[1]],
    });
  });

  it.each([
    ['no list of boxes', { version: 1 }],
    ['a box without an id', { boxes: [{}] }],
    ['a box without a size', { boxes: [{ id: 'x', box: { center: [0, 0, 0], yaw: 0 } }] }],
  ])('is refused with %s', (_, document) => {
    expect(() => fromDocument(document)).toThrow();
  });
});
