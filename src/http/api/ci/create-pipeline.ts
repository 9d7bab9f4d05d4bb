import { createPipeline } from '../../../pipelines/create.ts'
import type { CreateOutcome, CreateRequest } from '../../../pipelines/create-request.ts'
import { SourceUnavailable } from '../../../pipelines/source.ts'
import type { Call } from '../call.ts'
import { gitIsBusy } from './git-is-busy.ts'

/** Makes a pipeline for a request of the API. Throws 503 where git has no place for the questions, or takes too long. */
export const makePipeline = async (call: Call, request: CreateRequest): Promise<CreateOutcome> => {
  try {
    return await createPipeline(call.parts, request)
  } catch (fault) {
    if (!(fault instanceof SourceUnavailable)) throw fault
    call.parts.log.warn({ err: fault }, 'the configuration of a pipeline could not be read')
    throw gitIsBusy()
  }
}
