import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ToldLine, tellLine } from '../../../src/log.ts'
import { countLines } from '../../../src/start/metrics/count-lines.ts'
import { Figures } from '../../../src/start/metrics/figures.ts'

let figures = new Figures()
let stop = (): void => {}
beforeEach(() => {
  figures = new Figures()
  stop = countLines(figures)
})
afterEach(() => stop())

/** A level that writes nothing: what is counted does not hang on it. */
const log = pino({ level: 'silent' })

const countedOf = (line: ToldLine): readonly string[] => {
  tellLine(log, 'info', line, 'a line')
  return Object.keys(figures.snapshot())
    .filter((key) => !key.startsWith('requestSeconds'))
    .map((key) => key.replaceAll('\n', ' '))
    .sort()
}

const http = { door: 'http', duration_s: 0.1 }
const api = { door: 'api', duration_s: 0.1 }
const ssh = { door: 'ssh', duration_s: 0.1 }

const lines: readonly (readonly [name: string, line: ToldLine, counted: readonly string[]])[] = [
  [
    'a fetch by a token',
    { ...http, status: 200, service: 'upload-pack', phase: 'rpc', token_kind: 'deploy-token' },
    ['authentications http deploy-token accepted', 'requests http upload_pack success'],
  ],
  [
    'refs for nobody',
    { ...http, status: 200, service: 'upload-pack', phase: 'advertise' },
    ['authentications http none accepted', 'requests http info_refs success'],
  ],
  [
    'a token whose day has come',
    {
      ...http,
      status: 401,
      service: 'receive-pack',
      phase: 'rpc',
      'meta.auth_fail_reason': 'token_expired',
      'meta.auth_fail_token_id': 'PersonalAccessToken/3',
    },
    ['authentications http personal-access-token refused', 'refusals http token_expired', 'requests http receive_pack refused'],
  ],
  [
    'nothing shown to the API',
    { ...api, status: 401, 'meta.refusal_reason': 'credential_missing' },
    ['authentications http none refused', 'refusals http credential_missing', 'requests http api refused'],
  ],
  [
    'a wrong password',
    { ...http, status: 401, service: 'upload-pack', phase: 'advertise', 'meta.refusal_reason': 'password_wrong' },
    ['authentications http unrecognised refused', 'refusals http password_wrong', 'requests http info_refs refused'],
  ],
  [
    'a push that was denied to a key',
    { ...ssh, command: 'git-receive-pack', exit_code: 1, token_kind: 'user-key', 'meta.refusal_reason': 'push_denied' },
    ['authentications ssh user-key accepted', 'refusals ssh push_denied', 'requests ssh receive_pack refused'],
  ],
  [
    'a transfer that was cut off',
    { ...ssh, command: 'git-upload-pack', exit_code: 128, token_kind: 'user-key', 'meta.refusal_reason': 'access was withdrawn' },
    ['authentications ssh user-key accepted', 'refusals ssh access_was_withdrawn', 'requests ssh upload_pack refused'],
  ],
  ['a fault', { ...ssh, command: 'welcome', err: new Error('x') }, ['requests ssh welcome failed']],
  ['a client that went away', { ...api, status: 499 }, ['requests http api gone']],
  [
    'a login that was refused',
    { door: 'ssh', tries: 1, 'meta.refusal_reason': 'key_unknown' },
    ['authentications ssh unrecognised refused', 'refusals ssh key_unknown'],
  ],
  ['connections that were turned away', { door: 'ssh', turned_away: { connections: 3 } }, ['refusals ssh too_many_connections']],
]

describe('a line of the log is counted', () => {
  test.each(lines)('%s', (_name, line, counted) => {
    expect(countedOf(line)).toEqual([...counted].sort())
  })
})
