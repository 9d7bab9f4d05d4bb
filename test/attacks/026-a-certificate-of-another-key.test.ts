/**
 * The attack: a certificate, which is no secret, is shown by somebody who has not its key; or one that some authority made.
 * What was believed: the SSH library looks at certificates, since it reads them.
 * What holds: it looks at nothing. The door itself asks who signed it, for whom, until when and under which options, and
 * that its key has signed this very session; at each command the store is asked whether it still holds.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { StoredTrustGrant } from '../../src/access/authenticate-trust.ts'
import { makeCertificate, publicBytesOf, type SshCertificate } from '../../src/tokens/ssh-certificate.ts'
import { CertificateAuthority } from '../../src/trust/authority.ts'
import { byTrust } from '../access/case.ts'
import { ed25519Signature, openAgent } from '../ssh/agent.ts'
import { Stage } from '../ssh/stage.ts'

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const [authority, another, own, mallory] = [newKey(), newKey(), newKey(), newKey()]

let stage: Stage
let agent: Server | undefined
afterEach(async () => {
  agent?.close()
  await stage.close()
})

const open = async (known = true): Promise<void> => {
  const ours = new CertificateAuthority(async () => authority, Date.now)
  stage = await Stage.open({
    certificates: {
      check: (blob, user) => ours.check(blob, user),
      isKnown: async ({ serial }) => known && stage.grants.has(serial),
    },
  })
  const grant: StoredTrustGrant = {
    principal: byTrust(),
    expiresAt: Date.now() + 60_000,
    scopes: ['read_repository'],
    isBacked: true,
  }
  stage.grants.set(7, grant)
}

const made = (fields: Partial<SshCertificate> = {}, by = authority): Buffer => {
  const seconds = Math.floor(Date.now() / 1000)
  const usual = {
    key: publicBytesOf(own),
    serial: 7,
    keyId: 'ci',
    principals: ['git'],
    validAfter: seconds - 60,
    validBefore: seconds + 60,
  }
  return Buffer.from(makeCertificate({ ...usual, ...fields }, by).split(' ')[1] ?? '', 'base64')
}

const shown = async (blob: Buffer, signs: KeyObject) => {
  const path = join(stage.directory, 'agent')
  agent = await openAgent(path, [{ blob, sign: (data) => ed25519Signature(signs, data) }])
  return stage.ssh(undefined, [], ['-o', `IdentityAgent=${path}`])
}

test('a certificate of ours, by its own key', async () => {
  await open()
  expect(await shown(made(), own)).toMatchObject({ code: 0, stdout: 'Welcome to GitLab, Anonymous!\n' })
})

const attacks: readonly [string, () => readonly [Buffer, KeyObject], string][] = [
  ['signed by another key', () => [made(), mallory], 'signature_wrong'],
  ['signed by the authority', () => [made(), authority], 'signature_wrong'],
  ['of another authority', () => [made({}, another), own], 'certificate_of_another_authority'],
  ['of the key itself', () => [made({}, own), own], 'certificate_of_another_authority'],
  ['for another user', () => [made({ principals: ['root'] }), own], 'certificate_not_for_this_user'],
  ['for nobody by name', () => [made({ principals: [] }), own], 'certificate_not_for_this_user'],
  ['that has ended', () => [made({ validBefore: Math.floor(Date.now() / 1000) - 1 }), own], 'certificate_expired'],
  [
    'that begins tomorrow',
    () => [made({ validAfter: Math.floor(Date.now() / 1000) + 86_400 }), own],
    'certificate_not_valid_yet',
  ],
  ['of which nothing is known', () => [made({ serial: 8 }), own], 'certificate_unknown'],
]

test.each(attacks)('%s', async (_what, attack, reason) => {
  await open()
  expect(await shown(...attack())).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied (publickey)') })
  expect(await stage.lineWhere(({ msg }) => msg === 'login refused')).toMatchObject({ 'meta.refusal_reason': reason })
})
