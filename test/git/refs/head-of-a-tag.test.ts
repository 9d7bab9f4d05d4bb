import { expect, test } from 'vitest'
import { advertisementOf } from '../../../src/git/refs/advertisement.ts'
import { answerRefQuestion } from '../../../src/git/refs/ls-refs.ts'
import { RefSnapshot } from '../../../src/git/refs/snapshot.ts'

const [tag, commit] = ['a'.repeat(40), 'b'.repeat(40)]
const refs = [{ name: 'refs/tags/t', id: tag, target: undefined, peel: { kind: 'to', id: commit } }] as const
const snapshot = new RefSnapshot({ id: tag, target: 'refs/tags/t' }, refs)

test('a HEAD that leads to a tag is told with what the tag stands for', () => {
  const question = { peel: true, symrefs: true, unborn: false, prefixes: ['HEAD'] }
  expect(answerRefQuestion(snapshot, question).toString()).toContain(`${tag} HEAD symref-target:refs/tags/t peeled:${commit}\n`)
  expect(answerRefQuestion(snapshot, { ...question, peel: false }).toString()).not.toContain('peeled')
  const advertising = { service: 'upload-pack', version: 0, capabilities: 'agent=x', isHidden: () => false } as const
  expect(advertisementOf(snapshot, advertising).toString()).toContain(`${commit} HEAD^{}\n`)
})
