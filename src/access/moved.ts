import type { Entry } from './gate.ts'

/**
 * What is told after a push to a path that the project has left (gitlab `lib/gitlab/checks/container_moved.rb`);
 * undefined where the path is the one of today.
 * @param base what stands before the path in this door's addresses, without a slash at its end
 */
export const movedNotice = ({ project }: Entry<unknown>, base: string): string | undefined => {
  if (project?.movedFrom === undefined) return undefined
  const { movedFrom, fullPath } = project
  const command = `git remote set-url origin ${base}/${fullPath}.git`
  return `Project '${movedFrom}' was moved to '${fullPath}'.\n\nPlease update your Git remote:\n\n  ${command}`
}
