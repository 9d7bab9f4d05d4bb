import { z } from 'zod'
import type { Account } from '../../../store/users.ts'
import { maybeWords, wholeNumber, words } from '../entity-words.ts'

/** gitlab `API::Entities::ServiceAccount`. An address is never waiting to be confirmed: none asks for that here. */
export const serviceAccountEntity = z
  .object({ id: wholeNumber, username: words, public_email: maybeWords, name: words, email: words })
  .meta({ id: 'ServiceAccount' })

export const serviceAccountShape = ({ id, username, name, email }: Account): z.output<typeof serviceAccountEntity> => ({
  id,
  username,
  public_email: null,
  name,
  email,
})
