/**
 * Finds environment variables that look like options of nearbox but are not: a mistyped one must not be
 * ignored.
 */
import type { Command } from 'commander';
import { environmentName } from '../config/index.ts';

/**
 * Variables that are no options: for debugging and for the tests, whose servers inherit the environment.
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
  'NEARBOX_BUILT_PROGRAM',
  'NEARBOX_COMPOSE_GO',
  'NEARBOX_KILLS',
  'NEARBOX_SWAPS',
]);

/**
 * One message for each `NEARBOX_*` variable that no command knows; empty variables are ignored.
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
