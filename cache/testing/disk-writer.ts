/**
 * Run as a process of its own, to be killed: writes to a disk tier without end. Arguments: folder, bound in
 * bytes, first tile.
 */
import { DiskTier } from '../disk/index.ts';
import { writtenTile } from './written-tile.ts';

const [folder = '', maxBytes = '', first = ''] = process.argv.slice(2);
const tier = DiskTier.open({ folder, maxBytes: Number(maxBytes), readTimeoutMs: 60_000 });
await tier.idle();
for (let i = Number(first); ; i += 1) {
  const { group, name, tile } = writtenTile(i);
  tier.put(group, name, tile);
  if (i % 50 === 49) tier.dropGroup(group);
  await tier.idle();
  process.stdout.write('.');
}
