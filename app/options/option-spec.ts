/** What an option of the server is, and the kinds of numbers that options are. */
import { z } from 'zod';

/** One option: how it is written, what it means, what it may be. */
export interface OptionSpec {
  /**
   * The flag without its dashes; the environment twin is NEARBOX_ + the flag in capitals with underscores.
   */
  readonly flag: string;
  /** What the value is called in the help text. */
  readonly value: string;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly default: string | number | undefined;
  /** Its value is never shown, not even in the message that refuses it. */
  readonly isSecret?: boolean;
}

export const integer = (minimum: number, maximum: number) =>
  z.coerce.number().int().min(minimum).max(maximum);
export const decimal = (minimum: number, maximum: number) => z.coerce.number().min(minimum).max(maximum);
export const yesOrNo = z.enum(['yes', 'no']);

/** A list with commas between; spaces around them do not count, nor do empty places. */
export const commaList = z.string().transform((list) =>
  list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
