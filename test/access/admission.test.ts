import { expect, test } from 'vitest'
import { type Admission, decide, isAdmission } from '../../src/access/decide.ts'
import { byUser, factsWith } from './case.ts'

const real = (): Admission => {
  const decision = decide({ who: byUser(), action: { kind: 'pull', service: 'upload-pack' }, facts: factsWith({ role: 40 }) })
  if ('kind' in decision) throw new Error('expected an admission')
  return decision
}

test('an admission of decide is genuine, for its own service alone', () => {
  expect(isAdmission(real(), 'upload-pack')).toBe(true)
  expect(isAdmission(real(), 'receive-pack')).toBe(false)
  expect(isAdmission(real(), 'quarantine')).toBe(false)
})

test('an admission cannot be forged: every way that JavaScript offers makes no genuine one', () => {
  const admission = real()
  const Constructor = admission.constructor as new (...parts: unknown[]) => object
  const forged: object[] = [
    { ...admission },
    Object.create(admission) as object,
    Object.setPrototypeOf({ ...admission }, Object.getPrototypeOf(admission) as object) as object,
    structuredClone({ ...admission, principal: undefined }),
    new Constructor('upload-pack', byUser(), factsWith().project, []),
    new Proxy(admission, {}),
  ]
  expect(forged.map((value) => isAdmission(value, 'upload-pack'))).toEqual(forged.map(() => false))
})

test('an admission cannot be changed', () => {
  const admission = real()
  expect(() => Object.assign(admission, { repository: 1 })).toThrow(TypeError)
  expect(() => Object.assign(admission.obligations, [1])).toThrow(TypeError)
})
