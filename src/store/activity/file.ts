import { fileBeside } from '../beside.ts'

/** The second file stands beside the first: `sallyport.db` → `sallyport-activity.db`. */
export const activityFileOf = (file: string): string => fileBeside(file, 'activity')
