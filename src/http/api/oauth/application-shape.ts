import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { scopesOf } from '../../../store/lookups.ts'
import type { ApplicationRow } from '../../../store/oauth/applications.ts'
import { wholeNumber, words, yesNo } from '../entity-words.ts'

/** gitlab `API::Entities::Application`. */
export const applicationEntity = z
  .object({
    id: wholeNumber,
    application_id: words,
    application_name: words,
    callback_url: words,
    confidential: yesNo,
    scopes: z.array(words),
  })
  .meta({ id: 'Application' })

/** gitlab `API::Entities::ApplicationWithSecret`. */
export const newApplicationEntity = applicationEntity.extend({ secret: words }).meta({ id: 'NewApplication' })

export const applicationShape = (row: ApplicationRow): z.output<typeof applicationEntity> => ({
  id: row.id,
  application_id: row.uid,
  application_name: row.name,
  callback_url: scopesOf(row.redirect_uris).join('\n'),
  confidential: row.confidential === 1,
  scopes: scopesOf(row.scopes),
})

/** With the secret, which is shown this once. */
export const newApplicationShape = (row: ApplicationRow, secret: Secret): z.output<typeof newApplicationEntity> => ({
  ...applicationShape(row),
  secret: Secret.open(secret),
})
