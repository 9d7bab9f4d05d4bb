/** What must not compile. `tsc` is the runner: an expectation that does not fail is an error of its own. */
import type { Admission } from '../../src/access/decide.ts'
import type { ProjectId, UserId } from '../../src/core/ids.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import { Secret } from '../../src/core/secret.ts'
import type { GitEngine } from '../../src/git/engine.ts'

declare const engine: GitEngine
declare const admitted: Admission<'upload-pack'>
declare const unlooked: Admission<'upload-pack'> | Refusal
declare const quarantined: Admission<'quarantine'>
declare const user: UserId
declare const ends: Parameters<GitEngine['uploadPack']>[3]
declare const signal: AbortSignal

// @ts-expect-error an object literal is no admission
export const forged: Admission<'upload-pack'> = { service: 'upload-pack', repository: 1, principal: { kind: 'anonymous' } }

// @ts-expect-error a copy of one is none either
export const copied: Admission<'upload-pack'> = { ...admitted }

// @ts-expect-error a decision that nobody looked at starts nothing
void engine.uploadPack(unlooked, 'session', undefined, ends, signal)

// @ts-expect-error leave to pull is no leave to archive
void engine.uploadArchive(admitted, ends, signal)

// @ts-expect-error a push in quarantine is not shown any refs
void engine.advertise(quarantined, undefined, ends.output, signal)

// @ts-expect-error a user's id is not a project's
export const swapped: ProjectId = user

// @ts-expect-error a secret is not a string
export const shown: string = new Secret('x')
