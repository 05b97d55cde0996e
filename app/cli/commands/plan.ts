/** `nearbox plan`: which nodes and byte ranges a region needs. */
import type { Command } from 'commander';
import { type PlanAnswer, planSchema } from '../../api/index.ts';
import { parseWith, planAnswer } from '../../http/index.ts';
import type { Services } from '../../services/index.ts';
import { locateCloud, serverOptionsOf, withReadingFlags, withServices } from '../cloud-argument.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { numbers, type RegionFlags, regionOf, withRegionFlags } from '../region-options.ts';

interface PlanFlags extends RegionFlags {
  readonly clouds?: string;
  readonly spacing?: string;
  readonly points?: string;
  readonly json?: boolean;
}

export function planCommand(): Command {
  const command = new NearboxCommand('plan')
    .description('list the nodes and byte ranges that a region needs, without reading them')
    .argument('<CLOUD>', 'path, or id under --clouds');
  return withRegionFlags(withReadingFlags(command))
    .option(
      '--spacing <METRES>',
      'distance between points that is sufficient, metres; deeper nodes are left out',
    )
    .option('--points <N>', 'number of points that is sufficient: the coarsest nodes up to this number')
    .option('--json', 'print the whole plan as JSON')
    .action(async (cloud: string, flags: PlanFlags) => {
      const location = locateCloud(cloud, flags.clouds);
      const { region, spacing, points } = parseWith(
        planSchema,
        {
          cloud: location.id,
          region: regionOf(flags),
          ...(flags.spacing !== undefined && { spacing: numbers('--spacing', flags.spacing, 1)[0] }),
          ...(flags.points !== undefined && { points: numbers('--points', flags.points, 1)[0] }),
        },
        'the call',
      );
      const printPlan = async ({ reader }: Services) => {
        const plan = planAnswer(await reader.plan(location.id, [region], { spacing, pointBudget: points }));
        process.stdout.write(flags.json ? `${JSON.stringify(plan, null, 2)}\n` : text(plan));
      };
      await withServices(location.clouds, printPlan, serverOptionsOf(flags));
    });
}

function text({ nodes, totals, spacing, truncated }: PlanAnswer): string {
  const lines = nodes.map(({ key, points, file, offset, bytes }) => {
    const place = offset === null ? file : `${file} from ${offset}`;
    return `${key}  ${points} points  ${place}${bytes === null ? '' : `, ${bytes} bytes`}`;
  });
  const size = totals.bytes === null ? 'bytes unknown before they are read' : `${totals.bytes} bytes`;
  const density = spacing === null ? '' : `, down to points ${Number(spacing.toPrecision(3))} m apart`;
  const end = truncated ? '; nodes were left out for --points' : '';
  const sum = `${totals.nodes} nodes, ${totals.points} points, ${size}, ${totals.reads} reads${density}${end}`;
  return `${[...lines, sum].join('\n')}\n`;
}
