import { type Html, html } from '../html.ts'
import { qrCode } from './code.ts'

/** Light modules around a code, without which readers do not find it. */
const quiet = 4

/** A text as a picture for a camera; nothing where it is too long for one. Dark on light in every scheme. */
export const qrImage = (text: string, label: string): Html => {
  const modules = qrCode(text)
  if (modules === undefined) return html``
  const side = modules.length + 2 * quiet
  const path = modules
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + quiet} ${y + quiet}h1v1h-1z`] : [])))
    .join('')
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${path}"/></svg>`
}
