/** The door of `cache/testing/`. */
export { CONFORMANCE_FILES, describeByteSource } from './byte-source.conformance.ts';
export {
  type FaultyNetwork,
  findComponent,
  freePort,
  type RunningComponent,
  running,
  type S3Server,
  startNginx,
  startToxiproxy,
  startVersitygw,
  type Toxic,
} from './components.ts';
export { type Deferred, deferred } from './deferred.ts';
export { FailingFiles } from './failing-files.ts';
export { type ConnectionFault, FaultProxy } from './fault-proxy.ts';
export { breakOff, ignoreIfMatch, ignoreRange, reset, stall, status } from './faults.ts';
export { HandClock } from './hand-clock.ts';
export { HeldSource, stored } from './held-source.ts';
export { MemorySource } from './memory-source.ts';
export { type Fault, ObjectServer } from './object-server.ts';
export { PROGRAM } from './program.ts';
export { s3Error } from './s3-faults.ts';
export { settled } from './settled.ts';
export { WRITTEN_TILES } from './written-tile.ts';
