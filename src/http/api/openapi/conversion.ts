import { z } from 'zod'

/** A JSON Schema, as OpenAPI 3.1 takes it. */
export type Said = z.core.JSONSchema.BaseSchema

export interface Conversion {
  said(schema: z.ZodType): Said
  /** Those that have a name (`.meta({ id })`), to which the others refer. */
  readonly named: Readonly<Record<string, Said>>
}

type Direction = 'input' | 'output'

const isWhole = (value: unknown): boolean => Number.isInteger(value)

/** What is said better than zod says it, or need not be said. */
const improve = ({ jsonSchema }: { jsonSchema: Said }): void => {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.type === 'number' && (jsonSchema.enum ?? [jsonSchema.const]).every(isWhole)) jsonSchema.type = 'integer'
  // A later release may say more; clients must not refuse it.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

/** Turns zod schemas into JSON Schemas, all in one go, so that what they share is found once. */
export const convert = (schemas: Iterable<z.ZodType>, io: Direction): Conversion => {
  const names = new Map([...new Set(schemas)].map((schema, index) => [schema, `schema${index}`]))
  const whole = z.object(Object.fromEntries([...names].map(([schema, name]) => [name, schema])))
  const json = JSON.stringify(z.toJSONSchema(whole, { io, override: improve }))
  const { properties = {}, $defs = {} } = JSON.parse(json.replaceAll('"#/$defs/', '"#/components/schemas/')) as Said
  return {
    said: (schema) => properties[names.get(schema) ?? ''] as Said,
    named: $defs as Record<string, Said>,
  }
}
