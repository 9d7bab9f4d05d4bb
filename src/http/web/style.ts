import { createHash } from 'node:crypto'

/** The one style sheet. Colours have a contrast of at least 4.5 to 1 in both schemes; sizes follow the reader's own. */
export const styleSheet = `
:root { color-scheme: light dark; --text: #1f1f24; --ground: #fff; --quiet: #55555f; --line: #767680; --accent: #1f5cad; --on-accent: #fff; --bad: #b3261e; --soft: #f2f2f5 }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececf1; --ground: #19191f; --quiet: #b5b5c0; --line: #8c8c98; --accent: #8ab8ff; --on-accent: #10101a; --bad: #ff9b93; --soft: #26262e }
}
* { box-sizing: border-box }
body { margin: 0; color: var(--text); background: var(--ground); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
.skip { position: absolute; left: -99rem }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem; background: var(--ground) }
header, main { max-width: 36rem; margin: 0 auto; padding: 1rem }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; border-bottom: 1px solid var(--line) }
header strong { margin-right: auto }
header nav { display: flex; flex-wrap: wrap; gap: 0 1rem }
header form, .row form { margin: 0 }
h1 { font-size: 1.5rem; line-height: 1.25 }
h2 { font-size: 1.15rem; margin-top: 2rem }
a { color: var(--accent) }
label, legend { display: block; margin-top: 1rem; font-weight: 600 }
input { display: block; width: 100%; padding: 0.6rem; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 0.25rem; font: inherit }
input[aria-invalid=true] { border: 2px solid var(--bad) }
button { min-height: 2.75rem; margin: 1rem 0.5rem 0 0; padding: 0.5rem 1.25rem; font: inherit; cursor: pointer; border-radius: 0.25rem; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent) }
button.second { background: none; color: var(--accent) }
header button { margin: 0 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.hint, .quiet { margin: 0.25rem 0 0; color: var(--quiet) }
.problem { margin: 0.25rem 0 0; color: var(--bad); font-weight: 600 }
.notice, .problems { padding: 0.75rem 1rem; border-left: 0.3rem solid var(--accent); background: var(--soft) }
.problems { border-color: var(--bad) }
code { font: 0.95em/1.4 ui-monospace, monospace }
.codes { padding: 0.75rem 1rem 0.75rem 2.5rem; background: var(--soft) }
.row { padding: 0.75rem 0; border-bottom: 1px solid var(--line) }
.row h3 { margin: 0; font-size: 1rem }
.qr { display: block; width: 14rem; max-width: 100% }
`.trim()

/** The address changes with the sheet, so browsers may keep it. */
export const stylePath = `/-/sallyport/${createHash('sha256').update(styleSheet).digest('hex').slice(0, 16)}.css`
