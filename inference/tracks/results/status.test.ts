import { describe, expect, it } from 'vitest';
import type { TrackSighting } from '../objects/index.ts';
import { isGone, verdictOf } from './status.ts';

function sightingOf(expected: number, start: Partial<TrackSighting['start']> = {}): TrackSighting {
  return {
    frame: 1,
    fit: null,
    start: { inside: 0, registration: null, hidden: 0, free: 0, ...start },
    box: { center: [0, 0, 0], size: [4.4, 1.8, 1.5], yaw: 0 },
    expected,
    isBorneOut: false,
    sigma: { place: 0.1, height: 0.1, turn: 0.1 },
    isOutside: false,
  };
}

describe('an object that is lost', () => {
  it.each<[string, TrackSighting, string]>([
    ['where its points should be', sightingOf(40), 'no_points'],
    ['where it would have no points', sightingOf(1), 'left_range'],
    ['outside of the frame', { ...sightingOf(40), isOutside: true }, 'left_range'],
    ['behind something', sightingOf(40, { hidden: 0.6 }), 'occluded'],
    ['though the points to expect are unknown', sightingOf(0), 'no_points'],
  ])('%s says why: %#', (_, sighting, lost) => {
    const unseen = { isBelieved: false, isBetween: false, unseenSeconds: 3, sigmaMetres: 2 };
    expect(verdictOf({ sighting, ...unseen })).toEqual({ lost });
  });
});

describe('a place without points', () => {
  it.each<[string, TrackSighting, boolean]>([
    ['is gone if rays went through', sightingOf(20, { free: 0.5 }), true],
    ['is not known to be gone if no ray is seen', sightingOf(20), false],
    ['nor if few points are expected', sightingOf(3, { free: 0.5 }), false],
    ['nor if it has points', sightingOf(20, { inside: 9, free: 0.5 }), false],
  ])('%s', (_, sighting, gone) => {
    expect(isGone(sighting)).toBe(gone);
  });
});
