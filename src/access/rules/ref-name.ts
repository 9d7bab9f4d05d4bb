/** A name that starts with a whole SHA-1 or SHA-256 could be mistaken for an object (gitlab `checks/branch_check.rb`). */
export const isObjectIdName = (name: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})/i.test(name)

const hasForbiddenCharacter = (ref: string): boolean => {
  for (const character of ref) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f || ' ~^:?*[\\'.includes(character)) return true
  }
  return false
}

const componentIsValid = (component: string): boolean =>
  component !== '' && !component.startsWith('.') && !component.endsWith('.lock')

/** The rules of `git check-ref-format`, for a full name such as `refs/heads/main`. */
export const isValidRefName = (ref: string): boolean =>
  ref.length <= 1024 &&
  ref.includes('/') &&
  !ref.includes('..') &&
  !ref.includes('@{') &&
  !ref.endsWith('.') &&
  !hasForbiddenCharacter(ref) &&
  ref.split('/').every(componentIsValid)
