/** A thread that runs the network, and says when it was marked as being in native code. */
import { parentPort, workerData } from 'node:worker_threads';
import { binding } from 'onnxruntime-node/dist/binding.js';
import { ThreadPulse } from '../../../cache/pulse/index.ts';
import { loadNetwork } from '../load-network.ts';
import { SHIPPED_MODEL } from '../model-files.ts';

const pulse = new ThreadPulse((workerData as { pulse: SharedArrayBuffer }).pulse);
/** By the native function: whether the thread was marked at every call. */
const marked = { load: [] as boolean[], run: [] as boolean[] };

interface NativeSession {
  loadModel(...args: unknown[]): unknown;
  run(...args: unknown[]): unknown;
}

/** The methods of the class cannot be replaced, so the class is. */
const native = binding as unknown as { InferenceSession: new () => NativeSession };
native.InferenceSession = class extends native.InferenceSession {
  override loadModel(...args: unknown[]) {
    marked.load.push(pulse.isInNative);
    return super.loadModel(...args);
  }

  override run(...args: unknown[]) {
    marked.run.push(pulse.isInNative);
    return super.run(...args);
  }
};

await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });
parentPort!.postMessage({ marked, isMarkedAfter: pulse.isInNative });
