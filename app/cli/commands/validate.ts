/** `nearbox validate`: reads every node of a cloud and reports all faults. */
import type { Command } from 'commander';
import { NearboxError } from '../../../cache/index.ts';
import {
  type CloudsReport,
  type Finding,
  hasCloudsBelow,
  type ValidationReport,
  validateCloud,
  validateClouds,
} from '../../../octree/index.ts';
import { parseServeConfig } from '../../config/index.ts';
import { openStorage } from '../../storage/index.ts';
import { locateCloud, serverOptionsOf, withStorageFlags } from '../cloud-argument.ts';
import { UsageError } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { createProgress } from '../progress.ts';
import { numbers } from '../region-options.ts';

interface ValidateFlags {
  readonly clouds?: string;
  readonly json?: boolean;
  readonly maxFindings?: string;
  readonly decodeWorkers?: string;
}

const DEFAULT_FINDINGS = 100;
const MAX_FINDINGS = 1_000_000;
const MAX_WORKERS = 64;

export function validateCommand(): Command {
  const command = new NearboxCommand('validate')
    .description('read every node of a cloud and report all faults')
    .argument('<CLOUD>', 'path, or id under --clouds; for a folder or s3:// prefix, all clouds in it');
  return withStorageFlags(command)
    .option('--json', 'print the report as JSON')
    .option(
      '--max-findings <N>',
      `how many findings to print; the others are only counted (default: ${DEFAULT_FINDINGS})`,
    )
    .option('--decode-workers <N>', 'threads that decode (default: one per core, at most 4)')
    .action(async (cloud: string, flags: ValidateFlags) => {
      const location = locateAny(cloud, flags.clouds);
      const maxFindings = wholeNumber('--max-findings', flags.maxFindings, MAX_FINDINGS) ?? DEFAULT_FINDINGS;
      const decodeWorkers = wholeNumber('--decode-workers', flags.decodeWorkers, MAX_WORKERS);
      const { forbiddenMeansAbsent, followLinks, storageDates, storageTimeoutMs } = parseServeConfig(
        serverOptionsOf(flags),
      );
      const storage = await openStorage(location.clouds, {
        forbiddenMeansAbsent: forbiddenMeansAbsent === 'yes',
        followLinks: followLinks === 'yes',
        dates: storageDates,
        timeoutMs: storageTimeoutMs,
      });
      const progress = createProgress();
      try {
        await interruptible(async (signal) => {
          const { source } = storage;
          const options = { source, signal, maxFindings, decodeWorkers };
          const isMany = location.id === null || (await hasCloudsBelow(source, location.id, signal));
          if (isMany) {
            const report = await validateClouds({
              ...options,
              prefix: location.id ?? '',
              onProgress: (done, total) => progress.update(done / total, `${done} of ${total} clouds`),
            });
            progress.stop();
            process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${cloudsText(report)}\n`);
            if (report.damaged > 0)
              throw new NearboxError('corrupt_tile', `${counted(report.damaged, 'cloud')} damaged`);
            return;
          }
          const report = await validateCloud({
            ...options,
            id: location.id!,
            onProgress: (fraction) => progress.update(fraction, 'reading nodes'),
          });
          progress.stop();
          process.stdout.write(
            flags.json ? `${JSON.stringify(report)}\n` : `${headOf(report)}\n${textOf(report)}\n`,
          );
          if (report.errors > 0)
            throw new NearboxError(
              'corrupt_tile',
              `${location.id} is damaged: ${counted(report.errors, 'error')}`,
            );
        });
      } finally {
        progress.stop();
        await storage.close();
      }
    });
}

/** A path, an id, or a whole storage (`id` null). */
function locateAny(cloud: string, clouds: string | undefined): { clouds: string; id: string | null } {
  if (clouds === undefined && /^(s3|https?):\/\//i.test(cloud)) return { clouds: cloud, id: null };
  return locateCloud(cloud, clouds);
}

/** The answer first. */
function headOf({ cloud, errors, warnings }: ValidationReport): string {
  const counts = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  return `${errors === 0 ? 'sound' : 'damaged'}: ${cloud?.id ?? 'the cloud cannot be opened'}, ${counts}`;
}

/** Counts first, then a line for each damaged cloud with its first finding. */
function cloudsText({ clouds, sound, damaged, points }: CloudsReport): string {
  const bad = clouds.filter(({ errors }) => errors > 0);
  return [
    `${sound} of ${sound + damaged} clouds are sound, ${damaged} damaged, ${points} points read`,
    ...bad.map(
      ({ id, errors, first }) => `${id}: ${counted(errors, 'error')}${first === null ? '' : `: ${first}`}`,
    ),
  ].join('\n');
}

/** A line a finding, the summary last. */
function textOf(report: ValidationReport): string {
  const { cloud, findings, errors, warnings, nodes, pages, points, bytes, duplicates } = report;
  const left = errors + warnings - findings.length;
  return [
    ...findings.map(lineOf),
    ...(left > 0 ? [`and ${left} more; print them with --max-findings`] : []),
    ...(duplicates > 0 ? [`${counted(duplicates, 'point')} where another point of the same node lies`] : []),
    cloud === null
      ? 'the cloud cannot be opened'
      : `${cloud.id}: ${cloud.format}, version ${cloud.version}: ${counted(points, 'point')} in ${counted(nodes, 'node')}, ${bytes} bytes, ${counted(pages, 'hierarchy page')}`,
    `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
  ].join('\n');
}

function lineOf({ severity, node, path, what }: Finding): string {
  const place = [node === null ? null : `node ${node}`, path === null ? null : `(${path})`].filter(Boolean);
  return `${severity}: ${place.length === 0 ? '' : `${place.join(' ')}: `}${what}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function wholeNumber(flag: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const [value] = numbers(flag, text, 1) as [number];
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`${flag} takes a whole number from 1 to ${most}, not ${text}`);
  return value;
}
