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
  type SourceOptions,
  type SourceReadOptions,
  type StoredObject,
  type StoredPlace,
} from './byte-source.ts';
