import { createHash } from 'node:crypto'
import { z } from 'zod'
import { durationIn } from '../../../ci/duration.ts'
import { keepArtifact, type NewArtifact } from '../../../store/ci/artifacts.ts'
import { TooManyUploads, type Upload } from '../../../store/ci/job-files.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { instantOf } from '../../../store/instant.ts'
import { readSetting } from '../../../store/settings.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { ApiError, badRequest } from '../errors.ts'
import { oneOf, optional, text, whole } from '../input.ts'
import { artifactFormats, artifactTypes } from './artifact-kinds.ts'
import { BrokenForm, type FilePart, filePartOf } from './file-part.ts'
import { jobIsOver, requireJob } from './job-caller.ts'
import { bodyTooLarge, piecesOf } from './raw-body.ts'
import { tokenField } from './runner-caller.ts'

/** Where a job does not say for how long its files stay (GitLab's `default_artifacts_expire_in`), in seconds. */
const usualLife = 30 * 86_400

/** In seconds: what is longer is as good as for ever. */
const longestLife = 100 * 366 * 86_400

/** What a form has besides the file that it brings, in bytes. */
const roomOfForm = 65_536

const uploadInput = z.object({
  token: tokenField,
  expire_in: optional(text()),
  artifact_type: optional(oneOf(artifactTypes)),
  artifact_format: optional(oneOf(['raw', 'zip', 'gzip'])),
})

const largest = async (call: Call): Promise<number> => (await readSetting(call.parts.store.read, 'max_artifacts_size')) * 2 ** 20

/** Throws 400 for what is no length of time. */
const endOf = (words: string | undefined, now: number): string | null => {
  if (words === undefined) return instantOf(now + usualLife * 1000)
  if (words.trim().toLowerCase() === 'never' || words.trim() === '0') return null
  const seconds = durationIn(words)
  if (seconds === undefined) throw badRequest('expire_in is not a duration')
  return seconds > longestLife ? null : instantOf(now + seconds * 1000)
}

/** Writes the file as it comes, and no faster. Throws 413. */
const save = async (
  { content }: FilePart,
  { handle }: Upload,
  most: number,
  isOver: () => boolean,
): Promise<{ size: number; sha256: string }> => {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of content) {
    size += piece.length
    if (size > most) throw bodyTooLarge()
    if (isOver()) throw jobIsOver({ status: 'failed' })
    hash.update(piece)
    await handle.appendFile(piece)
  }
  return { size, sha256: hash.digest('hex') }
}

const longestName = 255

/** A name as it is kept: what would steer a terminal, or turn what is read around, is not, and no half of a character. */
const nameOf = ({ filename }: FilePart): string => {
  const shown = filename.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"]/gu, '_')
  const name = shown.slice(0, longestName).replace(/[\ud800-\udbff]$/, '')
  return name === '' || name === '.' || name === '..' ? 'artifacts' : name
}

const alreadyThere = (): ApiError =>
  new ApiError(
    400,
    { message: 'another artifact of the same type already exists' },
    { log: { 'meta.refusal_reason': 'conflict' } },
  )

const keep = async (call: Call, job: JobRow, fields: Omit<NewArtifact, 'filename' | 'size' | 'sha256'>, upload: Upload) => {
  const most = await largest(call)
  const file = await filePartOf(piecesOf(call, most + roomOfForm), call.headers['content-type'] ?? '')
  const { store, clock } = call.parts
  const saved = await save(file, upload, most, () => clock() >= Date.parse(job.deadline ?? ''))
  if (saved.size === 0) throw badRequest('The artifacts file is empty')
  await upload.finish()
  const kept = await keepArtifact(store, job, { ...fields, ...saved, filename: nameOf(file) }, upload, clock())
  if (kept === 'job over') throw jobIsOver({ status: 'failed' })
  if (kept === 'another is there') throw alreadyThere()
}

const fieldsOf = (call: Call, input: z.output<typeof uploadInput>) => {
  const { artifact_type: type = 'archive', artifact_format: format = artifactFormats[type] } = input
  if (artifactFormats[type] !== format) throw badRequest(`${type} artifacts have the format ${artifactFormats[type]}`)
  return { file_type: type, file_format: format, expires_at: endOf(input.expire_in, call.now) }
}

/** Throws 503 where the job sends too many already: its runner tries that again. */
const begin = async (call: Call, { id }: JobRow): Promise<Upload> => {
  try {
    return await call.parts.jobs.files.beginUpload(id)
  } catch (fault) {
    if (!(fault instanceof TooManyUploads)) throw fault
    throw new ApiError(
      503,
      { message: '503 Service Unavailable' },
      { headers: { 'Retry-After': '5' }, log: { 'meta.refusal_reason': 'too_many_uploads' } },
    )
  }
}

/** Whatever happens, nothing stays of a file that was not kept. */
const receive = async (call: Call): Promise<Answer> => {
  const input = call.read(uploadInput)
  const { job } = await requireJob(call, input.token)
  const fields = fieldsOf(call, input)
  const upload = await begin(call, job)
  try {
    await keep(call, job, fields, upload)
  } catch (fault) {
    throw fault instanceof BrokenForm ? badRequest(fault.message) : fault
  } finally {
    await upload.discard()
  }
  return { status: 201, body: 201 }
}

const askInput = z.object({
  token: tokenField,
  filesize: optional(whole()),
  artifact_type: optional(oneOf(artifactTypes)),
})

const authorize = async (call: Call): Promise<Answer> => {
  const { token, filesize = 0 } = call.read(askInput)
  await requireJob(call, token)
  if (filesize > (await largest(call))) throw bodyTooLarge()
  return ok({})
}

/** How a job leaves files (gitlab `lib/api/ci/runner.rb`). */
export const artifactUploadRoutes: readonly Route[] = [
  route('POST', '/jobs/:id/artifacts/authorize', {
    forRunners: true,
    input: [askInput],
    output: z.object({}),
    status: 200,
    handler: authorize,
  }),
  route('POST', '/jobs/:id/artifacts', {
    forRunners: true,
    raw: true,
    slowBody: true,
    input: [uploadInput],
    output: z.literal(201),
    handler: receive,
  }),
]
