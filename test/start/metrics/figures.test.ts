import { describe, expect, test } from 'vitest'
import { Figures } from '../../../src/start/metrics/figures.ts'
import { addTo, addUp, counted } from '../../../src/start/metrics/sums.ts'
import { prometheusText } from '../../../src/start/metrics/text.ts'
import { readPrometheus, sumOf } from '../../support/prometheus.ts'

const read = async (all: Parameters<typeof addUp>[0]) => readPrometheus(await prometheusText(addUp(all)))

describe('figures', () => {
  test('of several processes are added up, or told for each worker', async () => {
    const [one, two] = [new Figures(), new Figures()]
    one.add('refusals', { door: 'http', reason: 'token_expired' }, 2)
    two.add('refusals', { door: 'http', reason: 'token_expired' })
    two.add('refusals', { door: 'ssh', reason: 'token_expired' })
    one.follow('connectionsOpen', { door: 'http' }, () => 3)
    two.follow('connectionsOpen', { door: 'http' }, () => 4)
    const samples = await read([
      { worker: '1', figures: one.snapshot() },
      { worker: '2', figures: two.snapshot() },
    ])
    expect(samples).toEqual([
      { name: 'sallyport_refusals_total', labels: { door: 'http', reason: 'token_expired' }, value: 3 },
      { name: 'sallyport_refusals_total', labels: { door: 'ssh', reason: 'token_expired' }, value: 1 },
      { name: 'sallyport_connections_open', labels: { door: 'http', worker: '1' }, value: 3 },
      { name: 'sallyport_connections_open', labels: { door: 'http', worker: '2' }, value: 4 },
    ])
  })

  test('of a histogram are cumulative buckets with a sum and a count', async () => {
    const figures = new Figures()
    for (const seconds of [0.001, 0.005, 0.2, 1000]) figures.observe('requestSeconds', { door: 'ssh', kind: 'welcome' }, seconds)
    const samples = await read([{ worker: '1', figures: figures.snapshot() }])
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'))
    expect(buckets.map(({ labels, value }) => [labels['le'], value])).toEqual([
      ['0.005', 2],
      ['0.025', 2],
      ['0.1', 2],
      ['0.5', 3],
      ['2.5', 3],
      ['10', 3],
      ['60', 3],
      ['+Inf', 4],
    ])
    expect(sumOf(samples, 'sallyport_request_duration_seconds_sum')).toBeCloseTo(1000.206)
    expect(sumOf(samples, 'sallyport_request_duration_seconds_count')).toBe(4)
  })

  test('that a process leaves behind are what it counted, not what it was at', () => {
    const figures = new Figures()
    figures.add('gitStarted', { service: 'upload_pack' }, 5)
    figures.follow('transfers', {}, () => 7)
    const left = counted(figures.snapshot())
    expect(left).toEqual({ 'gitStarted\nupload_pack': 5 })
    expect(addTo(left, left)).toEqual({ 'gitStarted\nupload_pack': 10 })
  })

  test('have a bound on their series', () => {
    const figures = new Figures()
    for (let number = 0; number < 2000; number += 1) figures.add('refusals', { door: 'http', reason: `reason_${number}` })
    figures.add('refusals', { door: 'http', reason: 'reason_0' })
    expect(Object.keys(figures.snapshot())).toHaveLength(500)
    expect(figures.snapshot()['refusals\nhttp\nreason_0']).toBe(2)
  })
})
