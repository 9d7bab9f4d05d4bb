import { describe, expect, test } from 'vitest'
import { Figures } from '../../../src/start/metrics/figures.ts'
import { Gathering } from '../../../src/start/metrics/gathering.ts'
import { readPrometheus, sumOf } from '../../support/prometheus.ts'

const started = (count: number) => {
  const figures = new Figures()
  figures.add('gitStarted', { service: 'upload_pack' }, count)
  figures.follow('transfers', {}, () => count)
  return figures.snapshot()
}

/** What is told when those workers answer at once, with those figures. */
const tell = async (gathering: Gathering, workers: Readonly<Record<string, number>>) => {
  const text = await gathering.text((round) => {
    for (const [worker, count] of Object.entries(workers)) setImmediate(() => gathering.heard(worker, started(count), round))
    return Object.keys(workers)
  })
  const samples = readPrometheus(text)
  return [sumOf(samples, 'sallyport_git_processes_started_total'), sumOf(samples, 'sallyport_transfers_running')]
}

describe('the figures of all workers', () => {
  test('are those that they tell when asked', async () => {
    const gathering = new Gathering()
    gathering.heard('1', started(1), undefined)
    expect(await tell(gathering, { 1: 2, 2: 3 })).toEqual([5, 5])
  })

  test('keep what a dead one counted, also when another comes by its name', async () => {
    const gathering = new Gathering()
    expect(await tell(gathering, { 1: 2, 2: 3 })).toEqual([5, 5])
    gathering.gone('2')
    expect(await tell(gathering, { 1: 2 })).toEqual([5, 2])
    expect(await tell(gathering, { 1: 2, 2: 1 })).toEqual([6, 3])
    gathering.gone('2')
    expect(await tell(gathering, { 1: 2, 2: 1 })).toEqual([7, 3])
  })

  test('are the last ones of a worker that does not answer, and nobody waits for one that dies meanwhile', async () => {
    const gathering = new Gathering()
    gathering.heard('1', started(4), undefined)
    const begun = performance.now()
    const text = await gathering.text(() => ['1'])
    expect(sumOf(readPrometheus(text), 'sallyport_git_processes_started_total')).toBe(4)
    expect(performance.now() - begun).toBeGreaterThan(400)
    const asked = gathering.text(() => ['1'])
    const again = performance.now()
    gathering.gone('1')
    expect(sumOf(readPrometheus(await asked), 'sallyport_git_processes_started_total')).toBe(4)
    expect(performance.now() - again).toBeLessThan(400)
  })
})
