/**
 * The command line: parses the call, runs one command, and turns errors into one line on stderr and an exit
 * code.
 */
import { CommanderError } from 'commander';
import { NearboxError } from '../../cache/index.ts';
import { BadInput } from '../../octree/build/index.ts';
import { ConfigError } from '../config/index.ts';
import { packageVersion } from '../package/index.ts';
import {
  buildCommand,
  checkCommand,
  convertCommand,
  cropCommand,
  evaluateCommand,
  planCommand,
  predictCommand,
  profileCommand,
  serveCommand,
  trackCommand,
  validateCommand,
} from './commands/index.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_WRONG_CALL, UsageError } from './exit-codes.ts';
import { NearboxCommand } from './nearbox-command.ts';
import { unknownVariables } from './unknown-variables.ts';

/** Runs one call. Resolves with the exit code; never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new NearboxCommand('nearbox')
    .description('Click an object in a LiDAR point cloud, get its fitted 3D box.')
    .version(packageVersion());
  for (const command of [
    serveCommand(),
    buildCommand(),
    predictCommand(),
    cropCommand(),
    convertCommand(),
    planCommand(),
    evaluateCommand(),
    profileCommand(),
    trackCommand(),
    validateCommand(),
    checkCommand(),
  ])
    program.addCommand(command);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text)) });
  // `serve` reports them together with its other problems.
  program.hook('preAction', (_, called) => {
    const problems = called.name() === 'serve' ? [] : unknownVariables(program, process.env);
    if (problems.length > 0) throw new ConfigError(problems);
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    // A command that did only a part of its work has set an exit code.
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT_DONE;
  } catch (error) {
    return report(error);
  }
}

/** Prints one line that says what is wrong, and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_WRONG_CALL;
  const wrongCall =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    (error instanceof NearboxError && error.code === 'invalid_request' && !(error instanceof BadInput));
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof NearboxError ? ` [${error.code}]` : '';
  process.stderr.write(`nearbox: ${message.replaceAll('\n', ' ')}${code}\n`);
  if (!wrongCall && !(error instanceof NearboxError) && process.env.NEARBOX_DEBUG && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return wrongCall ? EXIT_WRONG_CALL : EXIT_FAILED;
}

function oneLine(text: string): string {
  return `nearbox: ${text.trim().replaceAll(/\s*\n\s*/g, ' ')}; nearbox --help shows the calls\n`;
}
