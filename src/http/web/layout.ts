import { formTokenOf } from '../../tokens/form-token.ts'
import { addresses, linkTo } from './addresses.ts'
import type { PageAnswer } from './answer.ts'
import { type Html, html, type Piece } from './html.ts'
import { stylePath } from './style.ts'
import { isSigned, type Visit } from './visit.ts'

/** The name by which a form's token is sent, as in Rails. */
export const tokenField = 'authenticity_token'

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

/** A form of ours: it carries the token. @param method `DELETE` goes as a field, since forms know no such method */
export const form = (visit: Visit, path: string, content: Piece, method: 'POST' | 'DELETE' = 'POST'): Html =>
  html`<form method="post" action="${linkTo(visit.parts.settings, path)}">${hidden(tokenField, formTokenOf(visit.cookie))}${
    method === 'DELETE' && hidden('_method', 'delete')
  }${content}</form>`

export const link = (visit: Visit, path: string, text: string): Html =>
  html`<a href="${linkTo(visit.parts.settings, path)}">${text}</a>`

export interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'password'
  readonly autocomplete: string
  readonly value?: string | undefined
  readonly hint?: string
  readonly problem?: string | undefined
  readonly inputMode?: 'numeric'
  /** Where the cursor stands when the page opens. */
  readonly focused?: boolean
}

/** A labelled field; its hint and its problem are read out with it. */
export const field = (given: Field): Html => {
  const id = given.name.replaceAll(/\W+/g, '_')
  const told = [given.hint !== undefined && `${id}_hint`, given.problem !== undefined && `${id}_problem`]
    .filter(Boolean)
    .join(' ')
  return html`<label for="${id}">${given.label}</label>
${given.hint !== undefined && html`<p class="hint" id="${id}_hint">${given.hint}</p>`}${
  given.problem !== undefined && html`<p class="problem" id="${id}_problem">${given.problem}</p>`
}<input id="${id}" name="${given.name}" type="${given.type ?? 'text'}" autocomplete="${given.autocomplete}" required${
    given.inputMode && html` inputmode="${given.inputMode}"`
  }${given.type !== 'password' && html` autocapitalize="none" spellcheck="false"`}${
    given.value !== undefined && html` value="${given.value}"`
  }${told !== '' && html` aria-describedby="${told}"`}${given.problem !== undefined && html` aria-invalid="true"`}${
    given.focused && html` autofocus`
  }>
`
}

/** What went wrong, before the form in which it did; read out at once. */
export const problems = (text: string | undefined): Html =>
  html`${text !== undefined && html`<p class="problems" role="alert">${text}</p>`}`

const whoIsHere = (visit: Visit): Piece =>
  isSigned(visit) && [
    html`<nav aria-label="Account">${link(visit, addresses.applications, 'Applications')} ${link(visit, addresses.twoFactor, 'Two-factor')} ${link(visit, addresses.passwordForm, 'Password')}</nav>`,
    html`<span>${visit.session.account.username}</span>`,
    form(visit, addresses.signOut, html`<button class="second">Sign out</button>`),
  ]

/** A whole page. */
export const layout = (visit: Visit, { status, title, body }: PageAnswer): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status >= 400 && 'Error: '}${title} · Sallyport</title>
<link rel="stylesheet" href="${linkTo(visit.parts.settings, stylePath)}">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header><strong>Sallyport</strong>${whoIsHere(visit)}</header>
<main id="main">
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
