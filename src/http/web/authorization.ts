import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  readAuthorizationRequest,
  readParameters,
} from '../../oauth/authorization.ts'
import { findApplication } from '../../store/oauth/applications.ts'
import { afterMark } from '../target.ts'
import { addresses } from './addresses.ts'
import type { Visit } from './visit.ts'

/** What an application may say on `/oauth/authorize`; nothing else of its request is kept. */
export const parameterNames = ['client_id', 'redirect_uri', ...readParameters, 'request', 'request_uri'] as const

/** Each by its name; what was sent twice becomes a list, which is no value of any of them. */
const parametersIn = (from: URLSearchParams): Record<string, unknown> =>
  Object.fromEntries(
    parameterNames.flatMap((name) => {
      const values = from.getAll(name)
      return values.length === 0 ? [] : [[name, values.length === 1 ? values[0] : values]]
    }),
  )

/** Reads an application's request from a query or from the form that carries it on. */
export const requestIn = async (
  { parts }: Pick<Visit, 'parts'>,
  from: URLSearchParams,
): Promise<AuthorizationRequest | AuthorizationRefusal> => {
  const parameters = parametersIn(from)
  const uid = parameters['client_id']
  const application = typeof uid === 'string' ? await findApplication(parts.store.read, uid) : undefined
  return readAuthorizationRequest(parameters, application)
}

/** Where a page of ours leads on to outside, without another click; undefined where it does not. */
export const leadsOutside = async (visit: Pick<Visit, 'parts'>, path: string): Promise<string | undefined> => {
  if (path.split('?', 1)[0] !== addresses.authorize) return undefined
  const asked = await requestIn(visit, new URLSearchParams(afterMark(path)))
  return 'redirectUri' in asked ? asked.redirectUri : undefined
}
