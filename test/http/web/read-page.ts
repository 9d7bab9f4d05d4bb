const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' }

/** The text that escaped markup stands for. */
export const unescaped = (markup: string): string =>
  markup.replaceAll(/&(amp|lt|gt|quot|#39|#96);/g, (_, name: string) => entities[name] ?? '')

const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

/** The form with a button of these words: where it goes, and what it holds already. Throws where there is none. */
export const linkedFields = (page: string, button: string): { action: string; fields: Record<string, string> } => {
  for (const [form] of page.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)) {
    if (!new RegExp(`<button[^>]*>${button}`).test(form)) continue
    const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => tag).filter((tag) => tag.includes('type="hidden"'))
    const fields = Object.fromEntries(inputs.map((tag) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']))
    return { action: attribute(form, 'action') ?? '', fields }
  }
  throw new Error(`no form has a button "${button}" in ${page.slice(0, 2000)}`)
}
