/**
 * Environment variables that look like options of nearbox and are none: a mistyped one must not be ignored.
 */
import type { Command } from 'commander';
import { environmentName } from '../config/index.ts';

/**
 * Read elsewhere than on the command line: for debugging, and by the tests, whose servers inherit their
 * environment.
 */
const OTHERS: ReadonlySet<string> = new Set([
  'NEARBOX_DEBUG',
  'NEARBOX_REQUIRE_COMPONENTS',
  'NEARBOX_NGINX',
  'NEARBOX_VERSITYGW',
  'NEARBOX_PROMTOOL',
  'NEARBOX_PROMETHEUS',
  'NEARBOX_TOXIPROXY_SERVER',
  'NEARBOX_TRAINING_PYTHON',
  'NEARBOX_COMPOSE_GO',
  'NEARBOX_KILLS',
  'NEARBOX_SWAPS',
]);

/**
 * One problem for each `NEARBOX_*` of `environment` that no command of the program knows; empty ones count as
 * not there.
 */
export function unknownVariables(program: Command, environment: NodeJS.ProcessEnv): string[] {
  const flags = [program, ...program.commands].flatMap(({ options }) =>
    options.map((option) => option.name()),
  );
  const known = new Set(flags.map(environmentName));
  return Object.entries(environment)
    .filter(
      ([name, value]) => name.startsWith('NEARBOX_') && value !== '' && !known.has(name) && !OTHERS.has(name),
    )
    .map(([name]) => `unknown environment option ${name}`);
}
