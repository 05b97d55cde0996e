/** Ontology files: what is taken, and what is said of mistakes. */
import { describe, expect, it } from 'vitest';
import { readOntology } from './file/index.ts';
import { fitsAttribute, isOfClass, type OwnAttribute } from './index.ts';

const GOOD = {
  version: 1,
  name: 'City',
  classes: [
    { name: 'delivery', like: 'van', colour: '#ff8800', size: [6, 2.1, 2.7], key: '2' },
    { name: 'tram', like: 'bus' },
  ],
  attributes: [
    { name: 'parked', kind: 'boolean' },
    { name: 'hidden', kind: 'choice', choices: ['no', 'partly'], per: 'frame' },
    { name: 'doors', kind: 'number', least: 0, most: 6, classes: ['delivery'] },
    { name: 'remark', kind: 'text' },
  ],
  tilt: true,
};
const read = (change: object) => readOntology(JSON.stringify({ ...GOOD, ...change }));

describe('readOntology', () => {
  it('takes a file as it is', () => {
    expect(read({})).toEqual({ ontology: GOOD });
    expect(readOntology('{"version":1}')).toEqual({ ontology: { version: 1 } });
  });

  it.each([
    [{ version: 2 }, 'version', /1/],
    [{ classes: [], attributes: [] }, 'classes', /./],
    [{ classes: [{ name: 'a', like: 'tank' }] }, 'classes[0].like', /"car"/],
    [{ classes: [{ name: 'a' }, { name: 'a' }], attributes: [] }, 'classes[1].name', /twice/],
    [{ classes: [{ name: 'a', key: 'q' }], attributes: [] }, 'classes[0].key', /1 to 9/],
    [
      {
        classes: [
          { name: 'a', key: '1' },
          { name: 'b', key: '1' },
        ],
        attributes: [],
      },
      'classes[1].key',
      /twice/,
    ],
    [{ classes: [{ name: 'a', color: '#fff' }], attributes: [] }, 'classes[0].color', /unknown field/],
    [{ attributes: [{ name: 'x', kind: 'colour' }] }, 'attributes[0].kind', /./],
    [{ attributes: [{ name: 'x', kind: 'choice' }] }, 'attributes[0].choices', /./],
    [{ attributes: [{ name: 'x', kind: 'number', least: 2, most: 1 }] }, 'attributes[0].most', /least/],
    [
      { attributes: [{ name: 'x', kind: 'text', classes: ['bike'] }] },
      'attributes[0].classes[0]',
      /no class bike/,
    ],
    [{ attributes: [{ name: 'score', kind: 'number' }] }, 'attributes[0].name', /nearbox uses/],
  ])('says what is wrong with %j, and where', (change, path, message) => {
    expect(read(change)).toEqual({ problems: [{ path, message: expect.stringMatching(message) }] });
  });

  it('says that a text is no JSON', () => {
    expect(readOntology('{"version":1')).toEqual({
      problems: [{ path: '', message: expect.stringMatching(/^is no JSON: /) }],
    });
  });
});

describe('attributes', () => {
  const [parked, hidden, doors, remark] = GOOD.attributes as unknown as [
    OwnAttribute,
    OwnAttribute,
    OwnAttribute,
    OwnAttribute,
  ];

  it('have values of their kind alone', () => {
    expect([true, 'true', 1].map((value) => fitsAttribute(parked, value))).toEqual([true, false, false]);
    expect(['no', 'yes'].map((value) => fitsAttribute(hidden, value))).toEqual([true, false]);
    expect([0, 6, 7, Number.NaN].map((value) => fitsAttribute(doors, value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(['', 'x'.repeat(1001)].map((value) => fitsAttribute(remark, value))).toEqual([true, false]);
  });

  it('are of the classes that they name, or of all', () => {
    expect([isOfClass(doors, 'delivery'), isOfClass(doors, 'tram'), isOfClass(parked, 'tram')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
