import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html } from '../../../src/http/web/html.ts'
import { field } from '../../../src/http/web/layout.ts'
import { unescaped } from './read-page.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[<>"'`&;=/ a-z]{0,40}$/),
  fc.constantFrom(
    '</p><script>alert(1)</script>',
    '" autofocus onfocus="x',
    "'><img src=x onerror=y>",
    '&lt;',
    '&amp;amp;',
    ']]>',
    '<!--',
  ),
)

test('no text becomes markup, neither between tags nor in an attribute, and none is lost', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const made = html`<p title="${text}">${text}</p>`.toString()
      const [, attribute = '', content = ''] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(made) ?? []
      for (const part of [attribute, content]) {
        expect(part).not.toMatch(/[<>"'`]/)
        expect(unescaped(part)).toBe(text)
      }
    }),
    { numRuns: 500 },
  )
})

test('texts in lists and in lists of lists are escaped as well', () => {
  fc.assert(
    fc.property(fc.array(fc.array(hostile, { maxLength: 3 }), { maxLength: 3 }), (texts) => {
      const made = html`<p>${texts}</p>`.toString()
      expect(made.replaceAll(/^<p>|<\/p>$/g, '')).not.toMatch(/[<>"'`]/)
    }),
  )
})

test('a field keeps whatever was typed inside its value', () => {
  fc.assert(
    fc.property(hostile, hostile, (value, problem) => {
      const made = field({ name: 'user[login]', label: 'Login', autocomplete: 'username', value, problem }).toString()
      expect(made.match(/<[a-z]+/g)).toEqual(['<label', '<p', '<input'])
      expect(unescaped(/ value="([^"]*)"/.exec(made)?.[1] ?? '')).toBe(value)
    }),
  )
})

test('what was made by a template stays markup, and what looks like it does not', () => {
  expect(html`<p>${html`<b>${'<i>'}</b>`}</p>`.toString()).toBe('<p><b>&lt;i&gt;</b></p>')
  expect(html`<p>${'<b>'}${1}${false}${undefined}${[]}</p>`.toString()).toBe('<p>&lt;b&gt;1</p>')
})
