/** A thread that waits for messages. */
import { parentPort } from 'node:worker_threads';
import { startBeating } from '../own-pulse.ts';

startBeating();
parentPort!.on('message', () => {});
