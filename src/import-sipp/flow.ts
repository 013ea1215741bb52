/**
 * Jumps of the old file as blocks with names: what a jump passes over lies in a block, which it leaves by `break`. Only jumps ahead can
 * be said so, and only where nothing that the block makes is used behind it.
 */
import type { Line } from './draft.js'
import { namesIn } from './quoting.js'

export interface Block {
  /** Index of its first line, and of the label behind its last. */
  readonly from: number
  readonly to: number
  readonly name: string
}

export interface Structure {
  readonly lines: readonly Line[]
  /** Outer ones first. */
  readonly blocks: readonly Block[]
  /** Lines of the old file whose jump could not be said. */
  readonly lost: readonly number[]
}

export function structureOf(draft: readonly Line[]): Structure {
  const lost: number[] = []
  let lines = reachable(draft)
  for (;;) {
    const blocks = blocksOf(lines)
    const stray = strayJump(lines, blocks)
    if (stray === undefined) return { lines, blocks, lost }
    const { source } = stray
    lost.push(source)
    const text = `TODO line ${source}: the file goes on elsewhere from here, past what the story still needs.`
    lines = reachable(lines.map((line) => (line === stray ? { kind: 'comment', text, source } : line)))
  }
}

/** Without what lies between a jump that is always taken and the next label that anybody goes to. */
function reachable(draft: readonly Line[]): Line[] {
  let lines = [...draft]
  for (;;) {
    const targets = new Set(lines.flatMap((line) => (line.kind === 'jump' ? [line.to] : [])))
    const kept: Line[] = []
    let isDead = false
    for (const line of lines) {
      if (line.kind === 'label') {
        if (!targets.has(line.id)) continue
        // A jump to what comes next goes nowhere.
        const before = kept.at(-1)
        if (before?.kind === 'jump' && before.to === line.id) kept.pop()
        isDead = false
      }
      if (!isDead) kept.push(line)
      if (ends(line)) isDead = true
    }
    if (kept.length === lines.length) return kept
    lines = kept
  }
}

const ends = (line: Line): boolean =>
  (line.kind === 'jump' && line.condition === undefined) || (line.kind === 'code' && line.code === 'return')

function blocksOf(lines: readonly Line[]): Block[] {
  const blocks: { from: number; to: number; name: string }[] = []
  for (const [to, label] of lines.entries()) {
    if (label.kind !== 'label') continue
    const from = lines.findIndex((line) => line.kind === 'jump' && line.to === label.id)
    if (from >= 0 && from < to) blocks.push({ from, to, name: nameOf(label.id, blocks.length) })
  }
  // One that begins within another and ends behind it has to begin no later.
  for (const [index, inner] of blocks.entries()) {
    for (const outer of blocks.slice(index + 1))
      if (outer.from > inner.from && outer.from < inner.to) outer.from = inner.from
  }
  return blocks.toReversed()
}

const nameOf = (id: string, index: number): string => (/^\w{1,20}$/.test(id) ? `label_${id}` : `past_${index + 1}`)
/** Name of the block that a jump leaves. */
export const blockOf = ({ lines, blocks }: Pick<Structure, 'lines' | 'blocks'>, to: string): string =>
  blocks.find((block) => {
    const label = lines[block.to]
    return label?.kind === 'label' && label.id === to
  })?.name ?? ''

/** The first jump into whose block something is made that is used behind it. */
function strayJump(lines: readonly Line[], blocks: readonly Block[]): Line | undefined {
  for (const { from, to } of blocks) {
    const made = new Set(lines.slice(from, to).flatMap((line) => (line.kind === 'code' ? (line.declares ?? []) : [])))
    const behind = lines
      .slice(to)
      .flatMap((line) =>
        line.kind === 'code' ? namesIn(line.code) : line.kind === 'jump' ? namesIn(line.condition ?? '') : [],
      )
    if (behind.some((name) => made.has(name))) {
      const label = lines[to]
      return lines.find((line) => line.kind === 'jump' && label?.kind === 'label' && line.to === label.id)
    }
  }
  return undefined
}
