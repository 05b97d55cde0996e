/**
 * A commander command in which every flag has a NEARBOX_* variable. A flag takes precedence over the
 * variable, the variable over the default.
 */
import { Command, type Option } from 'commander';
import { environmentName } from '../config/index.ts';

const WORDS_FOR_OFF = new Set(['0', 'false', 'no', 'off']);
/** Flags without a variable: they print something and end the call. */
const WITHOUT_TWIN = new Set(['help', 'version']);

export class NearboxCommand extends Command {
  /** An empty variable is ignored; for an on/off flag, 0, false, no and off mean off. */
  override createOption(flags: string, description?: string): Option {
    const option = super.createOption(flags, description);
    const name = environmentName(option.name());
    const value = process.env[name];
    const isOff = option.isBoolean() && value !== undefined && WORDS_FOR_OFF.has(value.trim().toLowerCase());
    return value === '' || isOff || WITHOUT_TWIN.has(option.name()) ? option : option.env(name);
  }

  override createCommand(name?: string): NearboxCommand {
    return new NearboxCommand(name);
  }
}
