import { expect, it } from 'vitest';
import { joinedCost } from './read-cost.ts';

it('counts a node once, by where it came from first', () => {
  const first = { nodes: 3, bytes: 100, memory: 0, disk: 1, origin: 2 };
  const second = { nodes: 5, bytes: 20, memory: 3, disk: 1, origin: 1 };
  expect(joinedCost(first, second)).toEqual({ nodes: 5, bytes: 120, memory: 0, disk: 2, origin: 3 });
});

it('tells no more sources than there are nodes', () => {
  const first = { nodes: 9, bytes: 1, memory: 0, disk: 5, origin: 4 };
  const second = { nodes: 4, bytes: 1, memory: 0, disk: 0, origin: 1 };
  expect(joinedCost(first, second)).toEqual({ nodes: 4, bytes: 2, memory: 0, disk: 0, origin: 4 });
});
