/**
 * What reads and writes files, as a script of its own: nobody waits for it when the page opens, see
 * `file-script.ts`.
 */
import { config } from 'zod';

// Schemas compiled by `new Function` are nothing that the page's policy allows: it is not even tried.
config({ jitless: true });

export { readOntology } from '../../ontology/file/index.ts';
export { exportLabels, importLabels, lossesIn } from '../formats/index.ts';
