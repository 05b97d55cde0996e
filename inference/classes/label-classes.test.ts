import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labelClass, labelGroup } from './label-classes.ts';

const SCORER = new URL('../../../shared/tools/scorer.mjs', import.meta.url);
const NAMES = [
  ...['Car', 'Van', 'Truck', 'Pedestrian', 'Person_sitting', 'Cyclist', 'Tram', 'Misc'],
  ...[
    'Pickup Truck',
    'Medium-sized Truck',
    'Semi-truck',
    'Other Vehicle - Construction Vehicle',
    'Towed Object',
  ],
  ...[
    'Other Vehicle - Pedicab',
    'Pedestrian with Object',
    'Motorcycle',
    'Motorized Scooter',
    'Bicycle',
    'Cones',
    'Bus',
  ],
  ...['vehicle.car', 'vehicle.bus.rigid', 'vehicle.truck', 'human.pedestrian.adult', 'vehicle.motorcycle'],
  ...[
    'static_object.bicycle_rack',
    'vehicle.emergency.police',
    'TYPE_VEHICLE',
    'TYPE_PEDESTRIAN',
    'TYPE_CYCLIST',
  ],
  ...[
    'REGULAR_VEHICLE',
    'LARGE_VEHICLE',
    'car',
    'van',
    'truck',
    'bus',
    'pickup',
    'pedestrian',
    'cyclist',
    'motorcyclist',
  ],
];

describe('labelGroup and labelClass', () => {
  it('translate the names of public data sets', () => {
    expect(labelGroup('Pickup Truck')).toBe('car');
    expect(labelClass('Pickup Truck')).toBe('pickup');
    expect(labelClass('vehicle.bus.rigid')).toBe('bus');
    expect(labelGroup('vehicle.bus.rigid')).toBe('truck');
    expect(labelClass('Motorcycle')).toBe('motorcyclist');
    expect(labelGroup('Person_sitting')).toBe('other');
    expect(labelGroup('Pedestrian with Object')).toBe('pedestrian');
    expect(labelClass('Cones')).toBe('other');
  });

  it.skipIf(!existsSync(SCORER))('group as the reference scorer does', async () => {
    const scorer = (await import(SCORER.href)) as { group(name: string): string };
    for (const name of NAMES) expect([name, labelGroup(name)]).toEqual([name, scorer.group(name)]);
  });
});
