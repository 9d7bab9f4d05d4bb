import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Obligation } from '../../src/access/decide.ts'
import { encodeObligations, withObligations } from '../../src/git/obligations.ts'
import { run } from '../support/git-stage.ts'

const update = { ref: 'refs/heads/main', oldId: 'a'.repeat(40), newId: 'b'.repeat(40) }
const decline = (text: string): Obligation => ({ kind: 'decline', text })

describe('the list that the hook is handed', () => {
  test('has a line for each obligation in order, and an end', () => {
    const fastForward: Obligation = { kind: 'fast-forward', update, text: 'no force' }
    const lines = [`fast-forward ${update.oldId} ${update.newId} no force`, 'decline no', 'end', '']
    expect(encodeObligations([fastForward, decline('no')])).toBe(lines.join('\n'))
  })

  test('lies in a private file that is gone afterwards', async () => {
    const file = await withObligations([decline('no')], async (hook) => {
      const path = hook?.obligationsFile ?? ''
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
      expect(readFileSync(path, 'utf8')).toBe('decline no\nend\n')
      return path
    })
    expect(existsSync(dirname(file))).toBe(false)
  })

  test('is gone too where the work failed', async () => {
    let path = ''
    const work = withObligations([decline('no')], async (hook) => {
      path = hook?.obligationsFile ?? ''
      throw new Error('broken')
    })
    await expect(work).rejects.toThrow('broken')
    expect(existsSync(dirname(path))).toBe(false)
  })

  test('is not there where nothing is owed', async () => {
    await withObligations([], async (hook) => expect(hook).toBeUndefined())
  })
})

const runHook = (directory: string, file: string) =>
  run(`${directory}/pre-receive`, [], '/', { PATH: process.env['PATH'] ?? '', SALLYPORT_OBLIGATIONS: file })

describe('the hook', () => {
  test.each([
    ['one line', 'You are not allowed.'],
    ['several lines', 'first\n\n  second'],
    ['a backslash', 'C:\\new\\table \\0101 \\c end'],
    ['what a shell or printf would take apart', '$(id) `id` %s %n "x" \'y\' ; rm * & < >'],
    ['other scripts', 'Zürich 東京'],
  ])('says %s as it was', async (_, text) => {
    await withObligations([decline(text)], async (hook) => {
      const ran = await runHook(hook?.directory ?? '', hook?.obligationsFile ?? '')
      expect(ran).toEqual({ code: 1, stdout: '', stderr: `GitLab: ${text}\n` })
    })
  })

  test('declines what has to be inspected where nobody is there to do that', async () => {
    await withObligations([{ kind: 'inspection', revoke: false, text: 'tokens' }], async (hook) => {
      const ran = await runHook(hook?.directory ?? '', hook?.obligationsFile ?? '')
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('The push could not be checked. Try again.') })
    })
  })

  test.each(['/nonexistent', '/dev/null', ''])('declines where its list is %j', async (file) => {
    await withObligations([decline('no')], async (hook) => {
      expect(await runHook(hook?.directory ?? '', file)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('not be checked'),
      })
    })
  })
})
