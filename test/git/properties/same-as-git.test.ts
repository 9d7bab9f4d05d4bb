import { afterAll } from 'vitest'
import './advertisement.suite.ts'
import './odd-requests.suite.ts'
import './outside-writers.suite.ts'
import './concurrent-pushes.suite.ts'
import './same-fetch.suite.ts'
import './moved-refs.suite.ts'
import './large-fetch.suite.ts'
import { closeGround } from './one-ground.ts'

afterAll(closeGround)
