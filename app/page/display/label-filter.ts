/**
 * A filter of boxes as a line of text: conditions with spaces between, all of which must hold.
 * - `car`: the class has this in it, or it is the id
 * - `id:7`, `class:van`, `status:draft`; a status is draft, accepted, edited, unsure, locked, conflict, or
 *   that of a track (keyframe, measured, interpolated, predicted, occluded)
 * - `score<0.7`, `score>=0.5`
 * - `parked=true`, `doors>2`, `hidden!=no`: attributes
 * - `-car`: what does not fit
 */
import { className, currentScore, isUnsure, type Label } from '../model/index.ts';

type LabelFilter = (label: Label) => boolean;

const COMPARISON = /^([^<>=!:]+)(<=|>=|!=|<|>|=)(.+)$/;

/** The filter; null if the text cannot be read. An empty text fits all. */
export function parseFilter(text: string): LabelFilter | null {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const conditions = words.map(conditionOf);
  if (conditions.includes(null)) return null;
  return (label) => conditions.every((condition) => condition!(label));
}

function conditionOf(word: string): LabelFilter | null {
  if (word.startsWith('-')) {
    const inner = word.length > 1 ? conditionOf(word.slice(1)) : null;
    return inner && ((label) => !inner(label));
  }
  const [, field, value] = /^(id|class|status):(.+)$/i.exec(word) ?? [];
  if (field !== undefined) return named(field.toLowerCase(), value!.toLowerCase());
  const [, name, sign, wanted] = COMPARISON.exec(word) ?? [];
  if (name !== undefined) return compared(name, sign!, wanted!);
  if (/[:<>=]/.test(word)) return null;
  const lower = word.toLowerCase();
  return (label) => className(label).toLowerCase().includes(lower) || label.id.toLowerCase() === lower;
}

function named(field: string, value: string): LabelFilter {
  if (field === 'id') return ({ id }) => id.toLowerCase() === value;
  if (field === 'class') return (label) => className(label).toLowerCase() === value;
  return (label) => statusesOf(label).includes(value);
}

function statusesOf(label: Label): readonly string[] {
  const { state, edited, track, conflictsWith } = label;
  return [
    state,
    edited ? 'edited' : '',
    isUnsure(label) ? 'unsure' : '',
    track?.status ?? '',
    track?.isLocked === true ? 'locked' : '',
    conflictsWith === undefined ? '' : 'conflict',
  ];
}

/** null: a score is compared with something that is no number. */
function compared(name: string, sign: string, wanted: string): LabelFilter | null {
  const number = Number(wanted);
  const isScore = name.toLowerCase() === 'score';
  const isOrder = sign.startsWith('<') || sign.startsWith('>');
  if ((isScore || isOrder) && Number.isNaN(number)) return null;
  return (label) => {
    const value = isScore ? currentScore(label) : label.attributes?.[name];
    if (sign === '=' || sign === '!=') return (String(value ?? '') === wanted) === (sign === '=');
    if (typeof value !== 'number') return false;
    if (sign === '<') return value < number;
    if (sign === '<=') return value <= number;
    return sign === '>' ? value > number : value >= number;
  };
}
