/**
 * A commander command whose every flag has its NEARBOX_* twin: a flag wins over the environment, that over
 * the default.
 */
import { Command, type Option } from 'commander';
import { environmentName } from '../config/index.ts';

const OFF = new Set(['0', 'false', 'no', 'off']);
/** They end the call: not something to leave in an environment. */
const WITHOUT_TWIN = new Set(['help', 'version']);

export class NearboxCommand extends Command {
  /** An empty variable counts as none; an on/off flag is off for 0, false, no and off. */
  override createOption(flags: string, description?: string): Option {
    const option = super.createOption(flags, description);
    const name = environmentName(option.name());
    const value = process.env[name];
    const isOff = option.isBoolean() && value !== undefined && OFF.has(value.trim().toLowerCase());
    return value === '' || isOff || WITHOUT_TWIN.has(option.name()) ? option : option.env(name);
  }

  override createCommand(name?: string): NearboxCommand {
    return new NearboxCommand(name);
  }
}
