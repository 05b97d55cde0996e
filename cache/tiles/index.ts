/** The door of `cache/tiles/`. */
export { PeerTier, type PeerTierOptions } from './peer-tier.ts';
export { Peers } from './peers.ts';

export {
  TileBytes,
  type TileBytesStats,
  type TileRead,
  type TileReadOptions,
} from './tile-bytes.ts';
export { cdnUpstream, nodePath, type TileUpstream } from './tile-upstreams.ts';
