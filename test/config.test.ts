import { describe, expect, test } from 'vitest'
import { readSettings, WrongSetting } from '../src/config.ts'

const refusalOf = (flags: Record<string, string>, env: Record<string, string>): string => {
  try {
    readSettings(flags, env)
  } catch (fault) {
    if (fault instanceof WrongSetting) return fault.message
    throw fault
  }
  return 'taken'
}

describe('what a setting does not take is told in one line, with what it takes', () => {
  test.each([
    [{ SALLYPORT_HTTP: 'nowhere' }, {}, 'SALLYPORT_HTTP: "nowhere" is not right; it takes an address such as 127.0.0.1:8080'],
    [{ SALLYPORT_WORKERS: '0' }, {}, 'SALLYPORT_WORKERS: "0" is not right; it takes a whole number from 1 to 256'],
    [{ SALLYPORT_BAN: '10' }, {}, 'SALLYPORT_BAN: "10" is not right'],
    [{ SALLYPORT_BAN: '0/0/0' }, {}, 'SALLYPORT_BAN: "0/0/0" is not right'],
    [{ SALLYPORT_TRUSTED_PROXIES: '999.1.1.1' }, {}, 'SALLYPORT_TRUSTED_PROXIES: "999.1.1.1" is not right'],
    [
      { SALLYPORT_DATABASE: 'postgres://db/x' },
      {},
      'SALLYPORT_DATABASE: "postgres://db/x" is not right; it takes sqlite:FILE (PostgreSQL is not supported yet)',
    ],
    [{ SALLYPORT_IMPERSONATION: 'maybe' }, {}, 'SALLYPORT_IMPERSONATION: "maybe" is not right; it takes on or off'],
    [{ SALLYPORT_ROOT_TOKEN: 'short-secret' }, {}, 'SALLYPORT_ROOT_TOKEN: its value is not right; it takes glpat-'],
    [{ SALLYPORT_TLS_CERT: 'cert.pem' }, {}, 'SALLYPORT_TLS_CERT and SALLYPORT_TLS_KEY: give both or neither'],
    [{}, { maxPush: 'big' }, '--max-push: "big" is not right; it takes a size such as 512MiB or 2GiB'],
  ])('%j %j', (env, flags, line) => {
    const said = refusalOf(flags, env as Record<string, string>)
    expect(said).toContain(line)
    expect(said.split('\n')).toHaveLength(1)
    expect(said).not.toContain('short-secret')
  })
})
