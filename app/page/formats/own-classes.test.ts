/** Own classes and attributes through files: every format carries them, or says what it leaves out. */

import { describe, expect, it } from 'vitest';
import type { Ontology } from '../../ontology/index.ts';
import { EXPORT_FORMATS, type ExchangeFrame, type ExchangeLabel } from '../exchange/index.ts';
import { hasOpenLabelSchema, openLabelCheck } from '../testing/index.ts';
import { exportLabels, importLabels, lossesIn } from './index.ts';
import { readZip } from './zip.ts';

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

/** The text of a file, or of all files in an archive. */
async function unzipped({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }): Promise<string> {
  const files = bytes[0] === 0x50 ? await readZip(bytes) : [{ bytes }];
  return files.map((file) => new TextDecoder().decode(file.bytes)).join('\n');
}

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

describe.each(EXPORT_FORMATS)('an own class in %s', (format) => {
  const own: Ontology = {
    version: 1,
    classes: [
      { name: 'delivery van', like: 'van' },
      { name: '3-wheeler', like: 'other' },
    ],
  };
  const [van, wheeler] = [
    { ...label, ownClass: 'delivery van' },
    { ...label, id: '8', class: 'other' as const, ownClass: '3-wheeler', attributes: { doors: 0 } },
  ];
  const written = async (labels: readonly ExchangeLabel[], kept?: ExchangeFrame['kept']) => {
    const { name, content } = await exportLabels(format, [{ frame: 'a', labels, kept }]);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return [{ name, bytes }];
  };
  const back = async (labels: readonly ExchangeLabel[], more = {}) =>
    (await importLabels(await written(labels), { ...context, ...more }))[0]!;
  const traits = ({ class: kind, ownClass, attributes }: ExchangeLabel) => ({ kind, ownClass, attributes });
  const isKitti = format === 'kitti';

  it('goes there and back with its attributes, or their loss is said', async () => {
    const labels = [van, wheeler];
    const expected = labels.map((one) => traits(isKitti ? { ...one, attributes: undefined } : one));
    expect((await back(labels, { ontology: own })).labels.map(traits)).toEqual(expected);
    const frames = [{ frame: 'a', labels }];
    expect(lossesIn(format, frames)).toBe(
      isKitti ? 'The format has no place for attributes of 2 boxes.' : null,
    );
    expect(lossesIn(format, [{ frame: 'a', labels: [{ ...label, attributes: {} }] }])).toBeNull();
  });

  it(isKitti ? 'comes back with an ontology alone' : 'needs no ontology to come back', async () => {
    const labels = (await back([van, wheeler])).labels.map(traits);
    if (isKitti) expect(labels).not.toEqual([van, wheeler].map(traits));
    else expect(labels).toEqual([van, wheeler].map(traits));
  });

  it('that was changed after an import is the new one; one that was taken back is gone', async () => {
    const first = await back([van, wheeler], { ontology: own });
    const changed = [
      {
        ...first.labels[0]!,
        id: '7',
        class: 'other' as const,
        ownClass: '3-wheeler',
        attributes: { doors: 1 },
      },
      { ...first.labels[1]!, id: '8', class: 'car' as const, ownClass: undefined, attributes: undefined },
    ];
    const again = await importLabels(await written(changed, first.kept), { ...context, ontology: own });
    expect(again[0]!.labels.map(traits)).toEqual(
      changed.map((one) => traits(isKitti ? { ...one, attributes: undefined } : one)),
    );
  });

  it('is the name of the class for other tools', async () => {
    const [file] = await written([van]);
    const archived = format === 'pandaset' ? null : await unzipped(file!);
    if (archived !== null) expect(archived).toMatch(isKitti ? /^delivery_van /m : /"delivery van"/);
  });
});

describe('a tilt that a format has no place for', () => {
  it.each(['kitti', 'pandaset', 'supervisely'] as const)('is said of %s', (format) => {
    const labels = [{ ...label, attributes: {}, tilt: { pitch: 0.1, roll: 0 } }];
    expect(lossesIn(format, [{ frame: 'a', labels }])).toBe(
      'The format has no place for pitch and roll of 1 box.',
    );
    expect(lossesIn('openlabel', [{ frame: 'a', labels }])).toBeNull();
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
