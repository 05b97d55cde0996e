/** The thread that holds the networks. It reports ready once they are loaded and warm. */
import { poolData, serveJobs } from '../../octree/index.ts';
import { type FitJob, type FitJobOptions, type FitJobResult, openFitJobs } from './fit-jobs.ts';

const fit = await openFitJobs(poolData<FitJobOptions>());

serveJobs<FitJob, FitJobResult>(async (job) => ({ result: await fit(job) }));
