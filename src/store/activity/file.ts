import { extname } from 'node:path'

/** The second file stands beside the first: `sallyport.db` → `sallyport-activity.db`. */
export const activityFileOf = (file: string): string => {
  const ending = extname(file)
  return `${file.slice(0, file.length - ending.length)}-activity${ending}`
}
