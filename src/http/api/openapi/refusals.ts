import type { Route } from '../call.ts'

const words = { type: 'string' }
const messages = { type: 'array', items: words }

/** What refusals say: GitLab's two dialects, `message` of Rails and `error` of Grape and OAuth. */
export const refusalSchemas = {
  MessageRefusal: {
    type: 'object',
    required: ['message'],
    properties: {
      message: {
        description: 'A sentence, or messages by field.',
        anyOf: [words, messages, { type: 'object', additionalProperties: { anyOf: [words, messages] } }],
      },
      correlation_id: { ...words, description: 'With 500: under this id the server logged what happened.' },
    },
  },
  ErrorRefusal: {
    type: 'object',
    required: ['error'],
    properties: {
      error: words,
      error_description: words,
      scope: { ...words, description: 'Scopes that would do, parted by spaces.' },
      refusal_id: { ...words, description: 'Of an exchange: under this id the trusts that were asked keep the reason.' },
    },
  },
  Refusal: { anyOf: [{ $ref: '#/components/schemas/MessageRefusal' }, { $ref: '#/components/schemas/ErrorRefusal' }] },
}

const content = { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } }

export const refusalResponses = {
  BadRequest: { description: 'A parameter is missing or wrong.', content },
  Unauthorized: { description: 'No credential, or one that is unknown, expired or revoked.', content },
  Forbidden: { description: 'The role or the scopes of the caller are too low.', content },
  NotFound: { description: 'There is none, or the caller may not know of it.', content },
  Conflict: { description: 'It exists already, or is in use.', content },
  Unprocessable: { description: 'What was asked cannot be done.', content },
  TooMany: {
    description: 'Too many requests.',
    headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
    content: { ...content, 'text/plain': { schema: words } },
  },
  Other: { description: 'Any other refusal.', content },
}

const at = (name: keyof typeof refusalResponses): object => ({ $ref: `#/components/responses/${name}` })

/** Refusals that any request of a kind may meet; those that only one route has come under `default`. */
export const refusalsOf = ({ method, path }: Route): Readonly<Record<string, object>> => ({
  400: at('BadRequest'),
  401: at('Unauthorized'),
  403: at('Forbidden'),
  ...(path.includes(':') && { 404: at('NotFound') }),
  ...(method !== 'GET' && { 409: at('Conflict'), 422: at('Unprocessable') }),
  429: at('TooMany'),
  default: at('Other'),
})
