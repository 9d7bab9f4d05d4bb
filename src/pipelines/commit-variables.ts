import type { Signature } from '../git/object-words.ts'
import type { CommitFacts } from './commit-facts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { slugOf } from './slug.ts'
import type { Subject } from './subject.ts'
import { shown } from './variable.ts'

/** Of a message, in bytes (gitlab `MAX_COMMIT_MESSAGE_SIZE_IN_BYTES`). */
const longestMessage = 100_000

/** A title of so many characters is cut by GitLab, and the description is then the whole message. */
const longestTitle = 100

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** With the offset of the place where it was written: `2014-02-27T10:01:38+01:00`. */
const timestampOf = ({ seconds, offset }: Signature): string => {
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19)
  const [sign, size] = [offset < 0 ? '-' : '+', Math.abs(offset)]
  return `${local}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}

const cut = (message: string): string => {
  const bytes = Buffer.from(message)
  return bytes.length <= longestMessage
    ? message
    : bytes
        .subarray(0, longestMessage)
        .toString()
        .replace(/\uFFFD$/, '')
}

const messageVariables = ({ commit }: CommitFacts): PayloadVariable[] => {
  const message = cut(commit.message)
  const title = message.split('\n', 1)[0] ?? ''
  return [
    shown('CI_COMMIT_MESSAGE', message),
    shown('CI_COMMIT_MESSAGE_IS_TRUNCATED', String(message !== commit.message)),
    shown('CI_COMMIT_TITLE', title),
    shown('CI_COMMIT_DESCRIPTION', title.length >= longestTitle ? message : message.slice(title.length + 1).replace(/\n$/, '')),
    shown('CI_COMMIT_TIMESTAMP', timestampOf(commit.committer)),
    shown('CI_COMMIT_AUTHOR', `${commit.author.name} <${commit.author.email}>`),
  ]
}

const tagVariables = (ref: string, message: string | undefined): PayloadVariable[] => [
  shown('CI_COMMIT_TAG', ref),
  shown('CI_COMMIT_TAG_MESSAGE', message ?? ''),
]

/**
 * What a job is told of its commit (gitlab `Gitlab::Ci::Variables::Builder::Pipeline`).
 * @param facts undefined where the user may not read the commit: then there are none of its words
 */
export const commitVariables = (
  { ref, tag, sha, beforeSha, protected: isProtected }: Omit<Subject, 'project'>,
  facts: CommitFacts | undefined,
): PayloadVariable[] => [
  shown('CI_COMMIT_SHA', sha),
  shown('CI_COMMIT_SHORT_SHA', sha.slice(0, 8)),
  shown('CI_COMMIT_BEFORE_SHA', beforeSha),
  shown('CI_COMMIT_REF_NAME', ref),
  shown('CI_COMMIT_REF_SLUG', slugOf(ref)),
  shown('CI_COMMIT_REF_PROTECTED', String(isProtected)),
  ...(tag ? tagVariables(ref, facts?.tagMessage) : [shown('CI_COMMIT_BRANCH', ref)]),
  ...(facts === undefined ? [] : messageVariables(facts)),
]
