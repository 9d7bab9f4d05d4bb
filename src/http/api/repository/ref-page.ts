import { z } from 'zod'
import { recordsOf } from '../../../git/byte-reader.ts'
import type { RefInquiry } from '../../../git/inquiry.ts'
import { type Answer, ok } from '../answer.ts'
import { ApiError } from '../errors.ts'
import { optional, text } from '../input.ts'
import { publicAddress } from '../page-address.ts'
import { pageInput } from '../page-input.ts'
import { pageHeaders, pageOf } from '../pagination.ts'
import type { Code } from './code.ts'

/** With `pagination=keyset`: the name after which the page begins. */
export const refPageInput = z.object({
  page_token: optional(text(1024)).meta({ description: 'With `pagination=keyset`: the last name of the page before.' }),
})

const invalidToken = (token: string): ApiError =>
  new ApiError(422, { message: `Invalid page token: ${token}` }, { log: { 'meta.refusal_reason': 'page_token' } })

/** One page of names that are all here already; only those of the page are looked into. */
export const pageOfNames = async (
  { call }: Code,
  names: readonly string[],
  prefix: string,
  shape: (names: readonly string[]) => Promise<unknown[]>,
): Promise<Answer> => {
  const page = pageOf(call)
  const { pagination } = call.read(pageInput)
  if (pagination !== 'keyset') {
    const start = (page.number - 1) * page.size
    const body = await shape(names.slice(start, start + page.size))
    return ok(body, pageHeaders(call, page, names.length > start + page.size, names.length))
  }
  const { page_token: token } = call.read(refPageInput)
  const after = token === undefined ? 0 : names.indexOf(token) + 1
  if (token !== undefined && after === 0) throw invalidToken(`${prefix}${token}`)
  const shown = names.slice(after, after + page.size)
  const body = await shape(shown)
  const last = shown.at(-1)
  if (last === undefined || names.length <= after + page.size) return ok(body)
  return ok(body, { Link: `<${publicAddress(call, { page_token: last, per_page: page.size })}>; rel="next"` })
}

/** Names of refs as git sorts or chooses them, without `prefix`. */
export const askForNames = async (code: Code, prefix: string, asked: Omit<RefInquiry, 'kind'>): Promise<string[]> =>
  code.ask({ kind: 'refs', ...asked }, async (output) => {
    const names: string[] = []
    for await (const line of recordsOf(output, 0x0a, 4_096)) {
      const ref = line.toString()
      if (ref.startsWith(prefix)) names.push(ref.slice(prefix.length))
    }
    return names
  })
