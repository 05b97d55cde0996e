/** Own classes and attributes through files: OpenLABEL and plain JSON carry them, and name what is new. */
import { describe, expect, it } from 'vitest';
import type { Ontology } from '../../ontology/index.ts';
import { hasOpenLabelSchema, openLabelCheck } from '../testing/index.ts';
import type { ExchangeFrame, ExchangeLabel } from './exchange.ts';
import { exportLabels, importLabels } from './index.ts';

const label: ExchangeLabel = {
  id: '7',
  box: { center: [1, 2, 0], size: [4, 2, 2], yaw: 0 },
  class: 'van',
  ownClass: 'delivery',
  attributes: { parked: true, doors: 4, hidden: 'partly' },
  score: 0.5,
  state: 'draft',
  method: 'model',
};
const context = { currentFrame: 'a', frames: ['a'] };
const ontology: Ontology = { version: 1, classes: [{ name: 'delivery', like: 'truck' }] };

const text = async (format: 'openlabel' | 'json', frames: readonly ExchangeFrame[]) =>
  (await exportLabels(format, frames)).content as string;
const read = (content: string, more = {}) =>
  importLabels([{ name: 'x.json', bytes: new TextEncoder().encode(content) }], { ...context, ...more });

describe.each(['openlabel', 'json'] as const)('%s', (format) => {
  it('carries own classes and attributes there and back, with and without the ontology', async () => {
    const content = await text(format, [{ frame: 'a', labels: [label] }]);
    const [frame] = await read(content);
    const { kept: _, ...back } = frame!.labels[0]!;
    expect(back).toEqual(label);
    const again = await text(format, await read(content, { ontology }));
    expect(JSON.parse(again)).toEqual(JSON.parse(content));
  });

  it('writes what has changed since the import, and leaves out what was taken out', async () => {
    const content = await text(format, [{ frame: 'a', labels: [label] }]);
    const [frame] = await read(content);
    const edited = { ...frame!.labels[0]!, ownClass: 'parcel', attributes: { parked: false, remark: 'x' } };
    const [back] = await read(await text(format, [{ ...frame!, labels: [edited] }]));
    expect(back!.labels[0]).toMatchObject({ class: 'van', ownClass: 'parcel' });
    expect(back!.labels[0]!.attributes).toEqual({ parked: false, remark: 'x' });
  });
});

describe.each(['openlabel', 'json', 'nuscenes'] as const)('a tilt in %s', (format) => {
  const tilted = { ...label, tilt: { pitch: 0.2, roll: -0.1 } };

  it('goes there and back, and is written anew when it alone has changed', async () => {
    const near = (tilt: object) =>
      Object.fromEntries(Object.entries(tilt).map(([name, value]) => [name, expect.closeTo(value, 4)]));
    const content = (await exportLabels(format, [{ frame: 'a', labels: [tilted] }])).content as string;
    const [frame] = await read(content);
    const [back] = frame!.labels;
    expect(back!.tilt).toEqual(near(tilted.tilt));
    const again = { ...back!, id: '7', tilt: { pitch: -0.3, roll: 0.4 } };
    const changed = (await exportLabels(format, [{ ...frame!, labels: [again] }])).content as string;
    expect((await read(changed))[0]!.labels[0]!.tilt).toEqual(near(again.tilt));
  });
});

describe('OpenLABEL', () => {
  it('names the own class as the type', async () => {
    const content = JSON.parse(await text('openlabel', [{ frame: 'a', labels: [label] }]));
    expect(content.openlabel.objects['7'].type).toBe('delivery');
  });

  it.skipIf(!hasOpenLabelSchema())('is valid with own classes and attributes', async () => {
    const content = JSON.parse(await text('openlabel', [{ frame: 'a', labels: [label] }]));
    expect(openLabelCheck()(content)).toBeNull();
  });

  it('of another tool: a type that is an own class is taken as that', async () => {
    const foreign = {
      openlabel: {
        metadata: { schema_version: '1.0.0' },
        objects: { 1: { name: 'x', type: 'delivery' } },
        frames: {
          0: {
            objects: {
              1: {
                object_data: {
                  cuboid: [
                    {
                      name: 'shape',
                      val: [0, 0, 0, 0, 0, 0, 1, 4, 2, 2],
                      attributes: { num: [{ name: 'doors', val: 2 }] },
                    },
                  ],
                },
              },
            },
          },
        },
      },
    };
    const [frame] = await read(JSON.stringify(foreign), { ontology });
    expect(frame!.labels[0]).toMatchObject({
      class: 'truck',
      ownClass: 'delivery',
      attributes: { doors: 2 },
    });
    const [without] = await read(JSON.stringify(foreign));
    expect(without!.labels[0]).toMatchObject({ class: 'other' });
  });
});
