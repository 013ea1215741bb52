import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepAnnouncement } from '../../../src/cli/record.js'
import { decodeG711 } from '../../../src/media/g711.js'
import { soundPrint } from '../../../src/media/sound-print.js'
import { recording } from '../../../src/provider/services/speech.js'
import { among } from '../../../src/scenario/recorded-announcement.js'
import { announcementsIn } from '../../../src/target/announcements-folder.js'

const samplesOf = (name: string) => decodeG711(recording('en', name).octets, 'PCMA')
const reference = (service: string, label: string) => ({
  service,
  label,
  print: Buffer.from(soundPrint(samplesOf(label))).toString('base64'),
})
const recorded = [
  reference('codes.credit', 'credit'),
  reference('codes.mailboxMenu', 'mailboxMenu'),
  reference('mailbox.internal', 'mailboxMenu'),
]

describe('which of the recorded announcements is heard', () => {
  it.each([
    ['codes.credit', 'credit', 'expected', "the announcement 'credit'"],
    // The same text at two services is no other.
    ['mailbox.internal', 'mailboxMenu', 'expected', "the announcement 'mailboxMenu'"],
    ['codes.credit', 'mailboxMenu', 'another', "the announcement 'mailboxMenu'"],
    ['codes.credit', 'wakeUpCall', 'unknown', 'an announcement that is none of those recorded'],
  ])('at %s: %s', (service, played, which, words) => {
    expect(among(recorded, service, samplesOf(played))).toEqual({ which, words })
  })

  it('silence, and less than two seconds, are none', () => {
    expect(among(recorded, 'codes.credit', new Int16Array(32_000)).which).toBe('unknown')
    expect(among(recorded, 'codes.credit', samplesOf('mailboxMenu').subarray(0, 8_000)).which).toBe('unknown')
  })
})

it('what is kept in a folder is read from it; a file of another kind is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'announcements-'))
  try {
    expect(announcementsIn(join(folder, 'none'))).toEqual([])
    const path = keepAnnouncement(folder, {
      service: 'codes.credit',
      label: 'in euros, please',
      samples: samplesOf('credit'),
    })
    expect(path).toBe(join(folder, 'codes.credit.in-euros-please.json'))
    expect(announcementsIn(folder)).toEqual([{ ...recorded[0], label: 'in euros, please' }])
    writeFileSync(join(folder, 'x.json'), '{}')
    expect(() => announcementsIn(folder)).toThrow(/x\.json: expected an announcement/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
