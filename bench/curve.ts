import type { Figure, Unit } from './measure.ts'

export interface Point {
  readonly x: number
  readonly figure: Figure
}

/** How one server's figure grows. */
export interface Series {
  readonly name: string
  /** Whose it is; the same server has the same colour in every picture. */
  readonly of: 'peer' | 'sallyport'
  readonly points: readonly Point[]
}

/** How a cost grows with something. */
export interface Curve {
  /** Of its picture's file, and of its place in the document. */
  readonly name: string
  readonly title: string
  /** What grows, along the x axis; its scale is logarithmic. */
  readonly across: string
  /** What is measured, along the y axis. */
  readonly up: string
  readonly unit: Unit
  /** Whether the y axis is logarithmic too. */
  readonly logarithmic: boolean
  readonly series: readonly Series[]
}
