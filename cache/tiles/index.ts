/** The door of `cache/tiles/`. */
export { PeerTier, type PeerTierOptions } from './peer-tier.ts';
export { type Peer, Peers, type PeersOptions } from './peers.ts';
export type { TileAddress } from './tile-address.ts';
export {
  TileBytes,
  type TileBytesOptions,
  type TileBytesStats,
  type TileRead,
  type TileReadOptions,
} from './tile-bytes.ts';
export { cdnUpstream, nodePath, type TileUpstream } from './tile-upstreams.ts';
