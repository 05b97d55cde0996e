/** Which attributes an object has, and which values they take. */
import type { OwnAttribute } from './file/index.ts';

const MAX_TEXT = 1000;

export type AttributeValue = string | number | boolean;

/** True if the attribute is one of objects of a class. */
export function isOfClass({ classes }: OwnAttribute, name: string): boolean {
  return classes === undefined || classes.includes(name);
}

/** True for a value that the attribute may have. */
export function fitsAttribute(attribute: OwnAttribute, value: unknown): value is AttributeValue {
  switch (attribute.kind) {
    case 'text':
      return typeof value === 'string' && value.length <= MAX_TEXT;
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && attribute.choices.includes(value);
    case 'number': {
      const { least = -Infinity, most = Infinity } = attribute;
      return typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most;
    }
  }
}
