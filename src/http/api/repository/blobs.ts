import { z } from 'zod'
import { readObjectLines } from '../../../git/object-reader.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { wholeNumber, words } from '../entity-words.ts'
import { notFound } from '../errors.ts'
import { readBlob, sendBlob } from './blob-stream.ts'
import { type Code, reachCode } from './code.ts'

/** gitlab `lib/api/repositories.rb` */
const blobEntity = z
  .object({ size: wholeNumber, encoding: z.literal('base64'), content: words, sha: words })
  .meta({ id: 'RepositoryBlob' })

const findBlob = async (code: Code): Promise<{ id: string; size: number }> => {
  const id = code.call.word('sha')
  if (!/^[0-9a-f]{4,64}$/.test(id)) throw notFound('Blob')
  const [line] = await code.ask({ kind: 'object-lines', ids: [id] }, readObjectLines)
  if (line?.type !== 'blob') throw notFound('Blob')
  return line
}

const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { id, size } = await findBlob(code)
  const content = await readBlob(code, id, size)
  return ok({ size, encoding: 'base64', content: content.toString('base64'), sha: id })
}

const raw = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  return sendBlob(code, await findBlob(code), {})
}

const at = '/projects/:id/repository/blobs/:sha'

export const blobRoutes: readonly Route[] = [
  route('GET', at, { handler: get, open: true, output: blobEntity }),
  route('GET', `${at}/raw`, { handler: raw, open: true, output: words, media: 'text/plain' }),
]
