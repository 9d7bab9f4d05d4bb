import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { wholeNumber, words, yesNo } from '../entity-words.ts'
import { notFound, parameterError } from '../errors.ts'
import { filledText, flag, optional } from '../input.ts'
import { hashBlob, readBlob, sendBlob } from './blob-stream.ts'
import { type Code, reachCode } from './code.ts'
import { readIds } from './commit-ids.ts'
import { findEntry } from './entry.ts'
import { cleanPath, isRepositoryPath } from './repository-path.ts'
import { resolve } from './revision.ts'

const fileInput = z.object({ ref: filledText(1024) })
const rawInput = z.object({
  ref: optional(filledText(1024)).meta({ description: 'Branch, tag or commit; the default branch unless asked.' }),
  lfs: optional(flag()).meta({ description: 'Changes nothing: there is no LFS.' }),
})

const fields = {
  file_name: words,
  file_path: words,
  size: wholeNumber,
  encoding: z.literal('base64'),
  content_sha256: words,
  ref: words,
  blob_id: words,
  commit_id: words,
  last_commit_id: words,
  execute_filemode: yesNo,
}

/** gitlab `lib/api/files.rb`, `blob_data` */
const fileEntity = z.object({ ...fields, content: words }).meta({ id: 'RepositoryFile' })

/** The largest file whose digest stands in a header of its raw form, in bytes: it has to be read for that. */
const mostHashed = 64 * 2 ** 20

interface File {
  readonly code: Code
  readonly path: string
  readonly ref: string
  readonly commit: string
  readonly id: string
  readonly size: number
  readonly isExecutable: boolean
}

/** Throws 400 for a path that no file can have, 404 where there is no such commit or file. */
const findFile = async (code: Code, ref: string): Promise<File> => {
  const path = cleanPath(code.call.word('file_path'))
  if (!isRepositoryPath(path)) throw parameterError('file_path should be a valid file path')
  const commit = await resolve(code, ref)
  if (commit === undefined) throw notFound('Commit')
  const entry = await findEntry(code, commit, path)
  if (entry?.type !== 'blob') throw notFound('File')
  return { code, path, ref, commit, id: entry.id, size: entry.size ?? 0, isExecutable: entry.mode === '100755' }
}

/** The last commit in which the path changed. */
const lastCommit = async ({ code, commit, path }: File): Promise<string> => {
  const [id] = await code.ask({ kind: 'history', from: commit, path, skip: 0, most: 1 }, readIds)
  return id ?? commit
}

const describe = async (file: File, digest: string | undefined) => ({
  file_name: file.path.slice(file.path.lastIndexOf('/') + 1),
  file_path: file.path,
  size: file.size,
  encoding: 'base64' as const,
  ...(digest !== undefined && { content_sha256: digest }),
  ref: file.ref,
  blob_id: file.id,
  commit_id: file.commit,
  last_commit_id: await lastCommit(file),
  execute_filemode: file.isExecutable,
})

/** The bytes of UTF-8, as GitLab sends them; what may not stand in a header is left out. */
const headerText = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these end a header
  Buffer.from(value.replace(/[\u0000-\u001f\u007f]/g, '')).toString('latin1')

/** `X-Gitlab-Blob-Id: …` for `blob_id` (gitlab `lib/api/helpers/headers_helpers.rb`). */
const headersOf = (described: Readonly<Record<string, string | number | boolean>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(described).map(([name, value]) => {
      const parts = name.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1))
      return [`X-Gitlab-${parts.join('-')}`, headerText(String(value))]
    }),
  )

const hashed = async ({ code, id, size }: File): Promise<string | undefined> =>
  size > mostHashed ? undefined : hashBlob(code, id)

const get = async (call: Call): Promise<Answer> => {
  // The code first: who may not read it is not told what is wrong with the question.
  const code = await reachCode(call, 'forbidden')
  const { ref } = call.read(fileInput)
  const file = await findFile(code, ref)
  if (call.method === 'HEAD') return { status: 200, headers: headersOf(await describe(file, await hashed(file))) }
  const content = await readBlob(file.code, file.id, file.size)
  const described = await describe(file, createHash('sha256').update(content).digest('hex'))
  return ok({ ...described, content: content.toString('base64') }, headersOf(described))
}

/** RFC 6266: a plain name for old clients, the whole one for all others. */
const disposition = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `inline; filename="${plain}"; filename*=UTF-8''${whole}`
}

const raw = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { ref = 'HEAD' } = call.read(rawInput)
  const file = await findFile(code, ref)
  const described = await describe(file, await hashed(file))
  return sendBlob(file.code, file, { ...headersOf(described), 'Content-Disposition': disposition(file.path) })
}

const at = '/projects/:id/repository/files/:file_path'
const scopes = ['read_repository']

export const fileRoutes: readonly Route[] = [
  route('GET', at, { jobToken: true, handler: get, open: true, scopes, input: [fileInput], output: fileEntity }),
  route('GET', `${at}/raw`, {
    jobToken: true,
    handler: raw,
    open: true,
    scopes,
    input: [rawInput],
    output: words,
    media: 'text/plain',
  }),
]
