/** What an ontology means for the page: classes with keys, and what boxes of one object have in common. */
import { describe, expect, it } from 'vitest';
import type { Ontology } from '../../ontology/index.ts';
import { EMPTY_WORK, type Label, withLabels } from '../model/index.ts';
import { attributesOf, classesOf, classNamed, objectTraits, ownClassFor, styleOf } from './index.ts';

const ontology: Ontology = {
  version: 1,
  classes: [
    { name: 'car', key: '2' },
    { name: 'delivery', like: 'van', colour: '#ff8800' },
    { name: 'parcel', like: 'van' },
    { name: 'vehicle.bus.rigid' },
  ],
  attributes: [
    { name: 'parked', kind: 'boolean' },
    { name: 'hidden', kind: 'choice', choices: ['no', 'partly'], per: 'frame' },
    { name: 'doors', kind: 'number', classes: ['delivery'] },
  ],
};
const label = (change: Partial<Label> = {}): Label => ({
  id: '7',
  box: { center: [0, 0, 0], size: [4, 2, 2], yaw: 0 },
  class: 'van',
  ownClass: 'delivery',
  state: 'draft',
  method: 'model',
  score: null,
  note: null,
  edited: false,
  prediction: null,
  ...change,
});

describe('classes', () => {
  it('get the free digits in their order, and a class of nearbox by their name', () => {
    expect(classesOf(ontology).map(({ name, like, ownClass, key }) => [name, like, ownClass, key])).toEqual([
      ['car', 'car', undefined, '2'],
      ['delivery', 'van', 'delivery', '1'],
      ['parcel', 'van', 'parcel', '3'],
      ['vehicle.bus.rigid', 'bus', 'vehicle.bus.rigid', '4'],
    ]);
    expect(classesOf(null).map(({ name }) => name)).toContain('motorcyclist');
  });

  it('of the network are called what the project calls them first', () => {
    expect(ownClassFor(ontology, 'van')).toBe('delivery');
    expect(ownClassFor(ontology, 'car')).toBeUndefined();
    expect(ownClassFor(ontology, 'truck')).toBeUndefined();
  });

  it('have their own look, or that of the class that they are like', () => {
    expect(styleOf(ontology, label()).colour).toBe('#ff8800');
    expect(styleOf(ontology, label({ ownClass: 'gone' })).colour).toBe(styleOf(null, label()).colour);
    expect(classNamed(ontology, 'parcel')?.size).toEqual(styleOf(null, { class: 'van' }).size);
  });
});

describe('attributes', () => {
  it('are those of the class', () => {
    const names = (one: Label) => attributesOf(ontology, one).map(({ name }) => name);
    expect(names(label())).toEqual(['parked', 'hidden', 'doors']);
    expect(names(label({ ownClass: 'parcel' }))).toEqual(['parked', 'hidden']);
  });

  it('of an object go along its track, those of a frame do not', () => {
    const attributes = { parked: true, hidden: 'no', stranger: 3 };
    const work = withLabels(EMPTY_WORK, 'b', [label({ attributes })]);
    expect(objectTraits(ontology, work, ['a', 'b'], '7')).toEqual({
      ownClass: 'delivery',
      attributes: { parked: true, stranger: 3 },
    });
    expect(objectTraits(ontology, work, ['a', 'b'], '8')).toEqual({});
  });
});
