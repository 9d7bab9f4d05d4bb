import { isReservedOnTop, namespaceForm, namespaceFormText } from './project-path.ts'

const longest = 255

/** What is wrong with a username, as GitLab's validation of that field says it. It is a path of its own: some are reserved. */
export const usernameProblem = (username: string): string | undefined => {
  if (username === '') return "can't be blank"
  if (username.length > longest) return `is too long (maximum is ${longest} characters)`
  if (!namespaceForm.test(username) || /\.(?:git|atom)$/i.test(username)) return namespaceFormText
  return isReservedOnTop(username) ? `${username} is a reserved name` : undefined
}
