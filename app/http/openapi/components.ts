/** The named schemas of the OpenAPI document: each zod schema with an id, once, however often it is used. */
import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

/** Which side of a schema is described: what may be sent, or what is answered. */
export type Direction = 'input' | 'output';

const DEFINITION = '#/$defs/';
const COMPONENT = '#/components/schemas/';

export class SchemaComponents {
  readonly #schemas = new Map<string, JsonSchema>();

  /**
   * The schema, with references in place of what has a name. @throws if a name means two different schemas.
   */
  describe(schema: z.ZodType, direction: Direction): JsonSchema {
    const {
      $schema: _,
      $defs = {},
      ...root
    } = z.toJSONSchema(schema, {
      io: direction,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => forGenerators(jsonSchema as JsonSchema),
    }) as JsonSchema & { $defs?: Record<string, JsonSchema> };
    for (const [name, definition] of Object.entries($defs)) this.#add(name, withReferences(definition));
    return withReferences(root);
  }

  /** Every schema with a name so far, by name. */
  all(): Record<string, JsonSchema> {
    const sorted = [...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, schema]) => [name, this.#withDiscriminator(schema)]));
  }

  #add(name: string, { id: _, ...schema }: JsonSchema): void {
    const known = this.#schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`the schema ${name} is not the same where it is sent and where it is answered`);
    this.#schemas.set(name, schema);
  }

  /**
   * Where each alternative is a named object with a constant of its own in the same property, that property
   * tells them apart.
   */
  #withDiscriminator(schema: JsonSchema): JsonSchema {
    const names = (schema.oneOf as { $ref?: string }[] | undefined)?.map(({ $ref }) => $ref);
    if (names === undefined || names.some((name) => !name?.startsWith(COMPONENT))) return schema;
    const constants = names.map((name) => constantsOf(this.#schemas.get(name!.slice(COMPONENT.length))));
    const propertyName = [...(constants[0]?.keys() ?? [])].find((property) =>
      constants.every((of) => of.has(property)),
    );
    if (propertyName === undefined) return schema;
    const mapping = Object.fromEntries(names.map((name, i) => [constants[i]!.get(propertyName), name]));
    return { ...schema, discriminator: { propertyName, mapping } };
  }
}

/** Properties that can have one value only, with that value. */
function constantsOf(schema: JsonSchema | undefined): Map<string, string> {
  const properties = (schema?.properties ?? {}) as Record<string, { const?: unknown }>;
  return new Map(
    Object.entries(properties).flatMap(([name, of]) =>
      typeof of.const === 'string' ? [[name, of.const] as const] : [],
    ),
  );
}

/** Generators take a number without a format for float32, and know little of `prefixItems`. */
function forGenerators(schema: JsonSchema): void {
  if (schema.type === 'number') schema.format ??= 'double';
  if (schema.type === 'integer') schema.format ??= 'int64';
  const parts = schema.prefixItems as JsonSchema[] | undefined;
  if (parts === undefined || new Set(parts.map((part) => JSON.stringify(part))).size !== 1) return;
  delete schema.prefixItems;
  Object.assign(schema, { items: parts[0], minItems: parts.length, maxItems: parts.length });
}

function withReferences(value: JsonSchema): JsonSchema {
  const text = JSON.stringify(value, (key, part: unknown) =>
    key === '$ref' && typeof part === 'string' ? part.replace(DEFINITION, COMPONENT) : part,
  );
  return JSON.parse(text) as JsonSchema;
}
