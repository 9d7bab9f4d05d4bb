/** What turns the direction of text, joins it or cannot be seen: by these a name would say something else than it shows. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A name that an application gave itself, for a person who is to decide about it. */
export const shownName = ({ name }: { readonly name: string }): string =>
  name.replaceAll(unseen, '').trim() || 'An application without a name'
