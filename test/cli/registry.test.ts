import { X509Certificate } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { showConfiguration } from '../../src/cli/registry.ts'
import { readSettings } from '../../src/config.ts'
import { pemBlocks } from '../../src/registry/certificate.ts'
import { slowKeys } from '../support/slow-keys.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-cli-registry-'))
  const made = slowKeys()
  if (made === undefined) mkdirSync(join(home, 'keys'))
  else cpSync(made, join(home, 'keys'), { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const settings = (flags: Readonly<Record<string, string>> = {}, json = false) => ({
  ...readSettings({ home, ...flags }, {}),
  json,
})
const bundle = () => join(home, 'keys', 'registry_bundle.pem')

describe('registry config', () => {
  test('is the part of the configuration, with what is to be known in its comments', async () => {
    const shown = await showConfiguration(settings({ url: 'https://git.example.org' }), undefined)
    expect(parse(shown)).toEqual({
      auth: {
        token: {
          realm: 'https://git.example.org/jwt/auth',
          service: 'container_registry',
          issuer: 'https://git.example.org',
          rootcertbundle: bundle(),
        },
      },
    })
    expect(shown).toContain(`# The certificates are in ${bundle()};`)
    expect(shown).toContain('--registry HOST:PORT')
    expect(pemBlocks(readFileSync(bundle(), 'utf8')).map((pem) => new X509Certificate(pem).ca)).toEqual([true, true])
  })

  test('says no more of a setting that is there, and what it is given as JSON', async () => {
    const given = { registry: 'registry.example.org:443', http: '127.0.0.1:9000' }
    expect(await showConfiguration(settings(given), '/etc/bundle.pem')).not.toContain('--registry')
    const shown = JSON.parse(await showConfiguration(settings(given, true), '/etc/bundle.pem'))
    expect(shown).toMatchObject({ bundle: bundle(), registry: 'registry.example.org:443' })
    expect(shown.auth.token).toMatchObject({ realm: 'http://127.0.0.1:9000/jwt/auth', rootcertbundle: '/etc/bundle.pem' })
  })

  test('a path with odd characters is still YAML', async () => {
    const odd = '/srv/with "quotes": and\ttabs #'
    expect(parse(await showConfiguration(settings(), odd)).auth.token.rootcertbundle).toBe(odd)
  })

  test('a folder that is no home is refused', async () => {
    await expect(showConfiguration(settings({ home: join(home, 'nowhere') }), undefined)).rejects.toThrow('there is no folder')
  })
})
