/** `nearbox serve`: runs the HTTP server until a signal stops it. */
import type { Command } from 'commander';
import { parseServeConfig, SERVE_OPTIONS } from '../../config/index.ts';
import { createLog } from '../../observability/index.ts';
import { startServer } from '../../server/index.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { unknownVariables } from '../unknown-variables.ts';

export function serveCommand(): Command {
  const command = new NearboxCommand('serve').description(
    'serve boxes over HTTP; without --clouds: the built-in demo sequence',
  );
  for (const spec of Object.values(SERVE_OPTIONS)) {
    const shown = spec.default === undefined ? '' : ` (default: ${spec.default})`;
    command.option(`--${spec.flag} <${spec.value}>`, spec.description + shown);
  }
  return command.action(async (flags: Record<string, string>) => {
    const config = parseServeConfig(flags, unknownVariables(command.parent ?? command, process.env));
    const log = createLog((line) => process.stderr.write(line), { level: config.logLevel });
    const stop = new AbortController();
    const onSignal = (signal: NodeJS.Signals) => {
      // The next signal finds the system's own handling, which ends the process at once: `process.exit` in
      // the middle of a run of the network would crash it instead.
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
      log.info('stopping', { signal });
      stop.abort();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    try {
      const server = await startServer(config, log);
      process.stdout.write(`nearbox listening on ${server.url}\n`);
      const isEnded = await server.runUntil(stop.signal);
      // A thread that hangs in a system call, such as a read of a hung disk, cannot be ended but with the
      // process: an exit would wait for it.
      if (!isEnded) process.kill(process.pid, 'SIGKILL');
    } finally {
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    }
  });
}
