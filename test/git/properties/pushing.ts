import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { packet } from './packets.ts'
import type { Worker } from './proving-ground.ts'

export interface RefChange {
  readonly ref: string
  readonly old: string
  readonly new: string
}

export const noId = '0'.repeat(40)

export interface NewCommit {
  readonly id: string
  readonly content: Buffer
}

const person = 'Ada <ada@example.com> 1700000000 +0000'

/** A commit that no repository has yet. */
export const newCommit = (tree: string, parent: string, message: string): NewCommit => {
  const content = Buffer.from(`tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n\n${message}\n`)
  const id = createHash('sha1').update(`commit ${content.length}\0`).update(content).digest('hex')
  return { id, content }
}

/** A pack of commits that are all shorter than 2 KiB (`gitformat-pack`: type 1, four bits of size, then seven). */
const packOf = (commits: readonly NewCommit[]): Buffer => {
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(commits.length, 8)
  const entries = commits.map(({ content }) => {
    const size = Buffer.from([0x80 | (1 << 4) | (content.length & 0x0f), content.length >> 4])
    return Buffer.concat([size, deflateSync(content)])
  })
  const whole = Buffer.concat([head, ...entries])
  return Buffer.concat([whole, createHash('sha1').update(whole).digest()])
}

const pushBody = (changes: readonly RefChange[], commits: readonly NewCommit[]): Buffer => {
  const lines = changes.map((change, at) => {
    const said = `${change.old} ${change.new} ${change.ref}`
    return packet(at === 0 ? `${said}\0 report-status side-band-64k object-format=sha1 agent=test` : said)
  })
  const bringsPack = changes.some((change) => change.new !== noId)
  return Buffer.concat([...lines, Buffer.from('0000'), ...(bringsPack ? [packOf(commits)] : [])])
}

/** Throws unless the server says of every ref that it was changed. */
const assertTaken = (answer: string, changes: readonly RefChange[]): void => {
  const missing = changes.filter(({ ref }) => !answer.includes(`ok ${ref}\n`))
  if (missing.length > 0) throw new Error(`not pushed: ${JSON.stringify([missing, answer])}`)
}

export type Push = (worker: Worker, path: string, changes: readonly RefChange[], commits: readonly NewCommit[]) => Promise<void>

export const pushOverHttp: Push = async ({ http }, path, changes, commits) => {
  const headers = { 'Content-Type': 'application/x-git-receive-pack-request' }
  const body = pushBody(changes, commits)
  const answer = await http.ask({ method: 'POST', path: `/${path}.git/git-receive-pack`, headers, body })
  assertTaken(answer.body.toString('latin1'), changes)
}

export const pushOverSsh: Push = async ({ ssh }, path, changes, commits) => {
  const told = await ssh.run(`git-receive-pack '${path}.git'`, pushBody(changes, commits))
  assertTaken(told.output.toString('latin1'), changes)
}
