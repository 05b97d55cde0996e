/** The door of `cache/byte-source/`. */
export {
  type ByteRange,
  type ByteSource,
  checkPath,
  checkRange,
  isPlainPath,
  type Listing,
  lastRange,
  type ObjectStat,
  ObjectTooLarge,
  type Placement,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from './byte-source.ts';
