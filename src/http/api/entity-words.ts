import { z } from 'zod'

/** Words of which the entities in answers are made; each stands once, so that describing costs next to nothing at start. */
export const wholeNumber = z.int()
export const words = z.string()
export const yesNo = z.boolean()
export const nothing = z.null()

/** A day, `YYYY-MM-DD`. */
export const dayWords = z.string().meta({ format: 'date' })

/** A moment, ISO 8601 in UTC. */
export const momentWords = z.string().meta({ format: 'date-time' })

export const link = z.string().meta({ format: 'uri' })

export const maybeNumber = wholeNumber.nullable()
export const maybeWords = words.nullable()
export const maybeDay = dayWords.nullable()
export const maybeMoment = momentWords.nullable()

/** The body of an answer that only says that it is done (`202 Accepted`). */
export const messageEntity = z.object({ message: words }).meta({ id: 'Message' })
