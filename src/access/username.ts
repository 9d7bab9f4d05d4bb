import { isReservedOnTop } from './project-path.ts'

const longest = 255
const form = /^(?:[a-zA-Z0-9_.][a-zA-Z0-9_.-]*[a-zA-Z0-9_-]|[a-zA-Z0-9_])$/
const formText = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'."

/** What is wrong with a username, as GitLab's validation of that field says it. It is a path of its own: some are reserved. */
export const usernameProblem = (username: string): string | undefined => {
  if (username === '') return "can't be blank"
  if (username.length > longest) return `is too long (maximum is ${longest} characters)`
  if (!form.test(username) || /\.(?:git|atom)$/i.test(username)) return formText
  return isReservedOnTop(username) ? `${username} is a reserved name` : undefined
}
