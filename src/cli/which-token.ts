import type { AccessTokenId } from '../core/ids.ts'
import { Secret } from '../core/secret.ts'
import { WrongUsage } from './refused.ts'
import type { WhichToken } from './token.ts'

/** No secret is longer. */
const mostBytes = 4096

const readSecret = async (): Promise<Secret> => {
  let text = ''
  for await (const part of process.stdin) {
    text += String(part)
    if (text.length > mostBytes || text.includes('\n')) break
  }
  const line = (text.split('\n')[0] ?? '').trim()
  if (line === '' || line.length > mostBytes) throw new WrongUsage('standard input holds no secret; give it there, or the number')
  return new Secret(line)
}

/** A secret is never an argument: everyone on the machine can read those. */
export const whichToken = async (number: string | undefined): Promise<WhichToken> => {
  if (number === undefined) return readSecret()
  if (/^\d{1,15}$/.test(number)) return Number(number) as AccessTokenId
  throw new WrongUsage('an access token is named by its number; give its secret on standard input, where nobody else sees it')
}
