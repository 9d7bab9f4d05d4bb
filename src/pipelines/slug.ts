/** For names of hosts and files: lower case, 63 characters of `a-z0-9-` at most (gitlab `Gitlab::Utils.slugify`). */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
