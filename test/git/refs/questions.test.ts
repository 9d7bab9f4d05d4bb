import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommand } from '../../../src/git/command-request.ts'
import { answerRefQuestion, readRefQuestion } from '../../../src/git/refs/ls-refs.ts'
import { peelQuestion, readPeels } from '../../../src/git/refs/peeled.ts'
import { RefSnapshot } from '../../../src/git/refs/snapshot.ts'
import { lsRefs, packetsOf } from '../properties/packets.ts'

const id = fc.stringMatching(/^[0-9a-f]{40}$/)
const known = fc.constantFrom('peel', 'symrefs', 'unborn', 'peel\n', 'ref-prefix refs/heads/\n', 'ref-prefix ', 'ref-prefix HEAD')

describe('a question for refs', () => {
  const [target, other] = ['1'.repeat(40), '2'.repeat(40)]
  const snapshot = new RefSnapshot({ id: target, target: 'refs/heads/main' }, [
    { name: 'refs/heads/main', id: target, target: undefined, peel: { kind: 'none' } },
    { name: 'refs/tags/v1', id: other, target: undefined, peel: { kind: 'to', id: target } },
  ])

  test('of any words is answered with lines of refs that are there, or is one for git', () => {
    const words = fc.array(fc.oneof(known, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 6 })
    fc.assert(
      fc.property(words, (said) => {
        const command = readCommand(lsRefs(said))
        const question = command && readRefQuestion(command)
        if (question === undefined) return
        const packets = packetsOf(answerRefQuestion(snapshot, question))
        expect(packets.pop()).toBe('flush')
        for (const line of packets) expect(line.toString()).toMatch(/^[12]{40} (HEAD|refs\/heads\/main|refs\/tags\/v1)( |\n)/)
      }),
    )
  })

  test('of words that are known has them all', () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 100 }), (said) => {
        const command = readCommand(lsRefs(said))
        const question = command && readRefQuestion(command)
        const prefixes = said.filter((word) => word.startsWith('ref-prefix ')).map((word) => word.slice(11).replace(/\n$/, ''))
        expect(question?.prefixes).toEqual(prefixes)
        expect(question?.peel).toBe(said.some((word) => word.startsWith('peel')))
      }),
    )
  })
})

describe("git's answer about objects", () => {
  test('says of each object what it stands for', () => {
    const object = fc.record({ id, peeled: fc.option(id), missing: fc.boolean() })
    fc.assert(
      fc.property(fc.uniqueArray(object, { selector: (one) => one.id, maxLength: 20 }), (objects) => {
        const lines = objects.flatMap((one) =>
          one.missing
            ? [`${one.id} missing`, `${one.id}^{} missing`]
            : [`${one.id} tag`, one.peeled === null ? `${one.id} commit` : `${one.peeled} commit`],
        )
        const peels = readPeels(
          objects.map((one) => one.id),
          lines.map((line) => `${line}\n`).join(''),
        )
        for (const one of objects) {
          const stands = one.peeled === null || one.peeled === one.id ? { kind: 'none' } : { kind: 'to', id: one.peeled }
          expect(peels.get(one.id)).toEqual(one.missing ? 'missing' : stands)
        }
      }),
    )
  })

  test('of any bytes never names what is no id, and is a fault where lines are missing', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 4 }), fc.string({ unit: 'binary' }), (ids, answer) => {
        const isCounted = answer.split('\n').length === 2 * ids.length + 1
        if (!isCounted) return void expect(() => readPeels(ids, answer)).toThrow('more or fewer')
        for (const peel of readPeels(ids, answer).values())
          if (peel !== 'missing' && peel.kind === 'to') expect(peel.id).toMatch(/^[0-9a-f]{40}$/)
      }),
    )
  })

  test('is asked for two lines for each', () => {
    fc.assert(
      fc.property(fc.array(id), (ids) => {
        expect(peelQuestion(ids).split('\n')).toHaveLength(2 * ids.length + 1)
      }),
    )
  })
})
