/**
 * A project's own classes and attributes, as they are written in a file: docs/page.md has an example. Each
 * own class is like one of nearbox's, which the network and the checks know.
 */
import { z } from 'zod';
import { OBJECT_CLASSES } from '../../../inference/classes/index.ts';

const MAX_CLASSES = 200;
const MAX_ATTRIBUTES = 50;
const MAX_CHOICES = 100;
const MAX_NAME = 64;
/** The page has attributes of these names in its own files. */
const TAKEN_NAMES = ['accepted', 'class', 'method', 'score'];

const nameSchema = z.string().trim().min(1).max(MAX_NAME);
const sideSchema = z.number().positive().max(1000);

const ownClassSchema = z
  .strictObject({
    name: nameSchema,
    like: z
      .enum(OBJECT_CLASSES)
      .optional()
      .describe('the class that the network takes it for; default: by its name, else `other`'),
    colour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'must be #rrggbb')
      .optional()
      .describe('default: that of `like`'),
    size: z
      .tuple([sideSchema, sideSchema, sideSchema])
      .optional()
      .describe('usual length, width, height in metres; default: that of `like`'),
    key: z
      .string()
      .regex(/^(Alt\+)?[1-9]$/, 'must be 1 to 9, or Alt+1 to Alt+9')
      .optional()
      .describe('default: the free digits, in the order of the classes'),
  })
  .meta({ id: 'OwnClass' });

const anyAttribute = {
  name: nameSchema.refine((name) => !TAKEN_NAMES.includes(name), 'is a name that nearbox uses itself'),
  per: z
    .enum(['object', 'frame'])
    .optional()
    .describe('`object` (default): one value for the whole track; `frame`: one in each frame'),
  classes: z.array(nameSchema).min(1).max(MAX_CLASSES).optional().describe('default: all classes'),
};

const attributeSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...anyAttribute, kind: z.literal('text') }),
    z.strictObject({
      ...anyAttribute,
      kind: z.literal('number'),
      least: z.number().optional(),
      most: z.number().optional(),
    }),
    z.strictObject({ ...anyAttribute, kind: z.literal('boolean') }),
    z.strictObject({
      ...anyAttribute,
      kind: z.literal('choice'),
      choices: z.array(z.string().min(1).max(MAX_NAME)).min(2).max(MAX_CHOICES),
    }),
  ])
  .meta({ id: 'OwnAttribute' });

export const ontologySchema = z
  .strictObject({
    version: z.literal(1),
    name: nameSchema.optional(),
    classes: z
      .array(ownClassSchema)
      .min(1)
      .max(MAX_CLASSES)
      .optional()
      .describe('default: the classes of nearbox'),
    attributes: z.array(attributeSchema).max(MAX_ATTRIBUTES).optional(),
    tilt: z.boolean().optional().describe('boxes may have a pitch and a roll; default: false'),
  })
  .superRefine(({ classes, attributes = [] }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const names = classes?.map(({ name }) => name) ?? [...OBJECT_CLASSES];
    for (const at of repeated(names)) refuse(['classes', at, 'name'], 'is there twice');
    const keys = classes?.map(({ key }) => key) ?? [];
    for (const at of repeated(keys)) refuse(['classes', at, 'key'], 'is there twice');
    for (const at of repeated(attributes.map(({ name }) => name)))
      refuse(['attributes', at, 'name'], 'is there twice');
    attributes.forEach((attribute, at) => {
      attribute.classes?.forEach((name, k) => {
        if (!names.includes(name)) refuse(['attributes', at, 'classes', k], `there is no class ${name}`);
      });
      if (attribute.kind === 'choice')
        for (const k of repeated(attribute.choices))
          refuse(['attributes', at, 'choices', k], 'is there twice');
      if (attribute.kind === 'number' && (attribute.least ?? -Infinity) > (attribute.most ?? Infinity))
        refuse(['attributes', at, 'most'], 'is less than `least`');
    });
  })
  .meta({ id: 'Ontology', description: 'A project’s own classes and attributes' });

export type Ontology = z.infer<typeof ontologySchema>;
export type OwnClass = z.infer<typeof ownClassSchema>;
export type OwnAttribute = z.infer<typeof attributeSchema>;
/** Places of values that stood before; undefined ones do not count. */
function repeated(values: readonly unknown[]): number[] {
  return values.flatMap((value, at) => (value !== undefined && values.indexOf(value) < at ? [at] : []));
}
