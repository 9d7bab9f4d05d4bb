import { type Html, html } from './html.ts'
import { isPowerful, meaningOf } from './scope-words.ts'

/** Scopes for a person, each with its name. */
export const scopeList = (scopes: readonly string[]): Html =>
  html`<ul>${scopes.map((scope) => {
    const meaning = isPowerful(scope) ? html`<strong>${meaningOf(scope)}</strong>` : meaningOf(scope)
    return html`<li>${meaning} <code>${scope}</code></li>`
  })}</ul>`
