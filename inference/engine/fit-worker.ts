/** The thread that holds the network. It reports ready once the network is loaded and warm. */
import { poolData, serveJobs } from '../../octree/index.ts';
import type { FitRequest } from '../fit/index.ts';
import type { LoadOptions } from '../network/index.ts';
import { type FitJobResult, openFitJobs } from './fit-jobs.ts';

const fit = await openFitJobs(poolData<LoadOptions>());

serveJobs<FitRequest, FitJobResult>(async (request) => ({ result: await fit(request) }));
