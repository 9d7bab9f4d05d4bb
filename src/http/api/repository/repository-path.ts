/** Whether a path can lie in a repository: no part of it is empty or means another folder, and git reads lines. */
export const isRepositoryPath = (path: string): boolean =>
  path !== '' && !path.includes('\n') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

/** Without slashes at its ends. */
export const cleanPath = (path: string): string => path.replace(/^\/+|\/+$/g, '')
