/** Commands of the contract that are not built yet: they say so instead of being unknown. */
import type { Command } from 'commander';
import { NearboxError } from '../../cache/index.ts';
import { NearboxCommand } from './nearbox-command.ts';

export function notBuiltCommands(): Command[] {
  return ['profile'].map((name) =>
    new NearboxCommand(name)
      .description('not built yet')
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(() => {
        throw new NearboxError('not_implemented', `nearbox ${name} is not built yet`);
      }),
  );
}
