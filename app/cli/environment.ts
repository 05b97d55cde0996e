/** The environment twin of every flag, given to commander so that a flag wins over the environment and that over the default. */
import type { Command } from 'commander';
import { environmentName } from '../config.ts';

const OFF = new Set(['0', 'false', 'no', 'off']);

/** Gives every flag of a command its NEARBOX_* twin. An on/off flag is off for 0, false, no and off. */
export function withEnvironment(command: Command, environment: NodeJS.ProcessEnv = process.env): Command {
  for (const option of command.options) {
    const name = environmentName(option.name());
    const value = environment[name];
    const switchedOff = option.isBoolean() && value !== undefined && OFF.has(value.trim().toLowerCase());
    if (option.envVar === undefined && value !== '' && !switchedOff) option.env(name);
  }
  return command;
}
