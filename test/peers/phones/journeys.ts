/** What people do with their phones at the provider, told once for all phones and lines. */
import { expect } from 'vitest'
import type { TargetDocument } from '../../../src/target/target-file.js'
import type { Telephone } from './telephone.js'

/** A phone that is registered. */
export interface Desk {
  readonly phone: Telephone
  /** What it is called at. */
  readonly number: string
  /** What others are shown when it calls: the provider leaves From alone. */
  readonly caller: string
}

export interface Scene {
  readonly services: TargetDocument['services']
  /** Registers one more phone, at an account of its own or once more at this one's; with a mailbox light, or without. */
  readonly desk: (o?: { readonly again?: Desk; readonly light?: boolean }) => Promise<Desk>
  /** By what the provider says, this phone is in a call to a service, over the transport of its line. */
  readonly isServed: (desk: Desk) => Promise<void>
  /** What the provider's clock shows, seconds since midnight. */
  readonly clock: () => Promise<number>
  /** Registers a phone where diversions lead to, for as long as this takes. */
  readonly diversionTo: (during: (there: Desk) => Promise<void>) => Promise<void>
}

export type Journey = (scene: Scene) => Promise<void>

/** Hz of the mailbox's beep. */
const BEEP = 1000

/** How long an order may be on its way, on a machine that has much else to do. */
const ORDER_SECONDS = 60 + 30

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What it says comes back: its own tone, for more than nine tenths of the time, and no beep. */
export const echo: Journey = async ({ desk, services, isServed }) => {
  const own = await desk()
  const { phone } = own
  await phone.calls(services.echo!)
  await isServed(own)
  await phone.hearsMostly(phone.tone, { share: 0.9, seconds: 3 })
  expect(phone.heardTone(BEEP)).toBe(0)
  await phone.hangsUp()
}

/** Keys that it presses are told back. */
export const keypad: Journey = async ({ desk, services, isServed }) => {
  const own = await desk()
  const { phone } = own
  await phone.calls(services.dtmfTest!)
  await isServed(own)
  // Keys that are pressed before the keys of DTLS are agreed are lost.
  await phone.hearsSound()
  await phone.presses('42#0*')
  await phone.isToldKeys('42#0*')
  await phone.hangsUp()
}

/** A message is left by a caller who was turned down; the lamp lights; it is listened to and deleted. */
export const mailbox: Journey = async ({ desk, services }) => {
  const [owner, caller] = [await desk({ light: true }), await desk()]
  await owner.phone.calls(services.codes.mailbox!)
  await owner.phone.hangsUp()
  caller.phone.dials(owner.number)
  await owner.phone.rings(caller.caller)
  await owner.phone.declines()
  await leavesMessage(caller)
  await getsMessage(owner, caller, services)
}

/** The same with a phone that was switched off meanwhile: it is told when it registers. */
export const mailboxMeanwhile: Journey = async ({ desk, services }) => {
  const [before, caller] = [await desk(), await desk()]
  await before.phone.calls(services.codes.mailbox!)
  await before.phone.hangsUp()
  await before.phone.ends()
  caller.phone.dials(before.number)
  await leavesMessage(caller)
  await getsMessage(await desk({ again: before, light: true }), caller, services)
}

async function leavesMessage({ phone }: Desk): Promise<void> {
  await phone.isAnswered()
  await phone.hearsTone(BEEP, 0.1)
  // It speaks.
  await wait(3000)
  await phone.hangsUp()
}

async function getsMessage(owner: Desk, caller: Desk, services: Scene['services']): Promise<void> {
  await owner.phone.lampShows(1, 0)
  const { internal, keys } = services.mailbox!
  await owner.phone.calls(internal!)
  await owner.phone.hearsSound()
  await owner.phone.presses(keys!.play!)
  await owner.phone.hearsTone(caller.phone.tone, 0.5)
  await owner.phone.lampShows(0, 1)
  await owner.phone.presses(keys!.delete!)
  await owner.phone.lampShows(0, 0)
  await owner.phone.hangsUp()
}

/** All calls go elsewhere from one code on to the next. */
export const diversion: Journey = async ({ desk, services, diversionTo }) => {
  const [owner, caller] = [await desk(), await desk()]
  const code = services.codes.divertAll!
  await owner.phone.calls(code)
  // It says that it is on, and hangs up.
  await owner.phone.isHungUp()
  await diversionTo(async (there) => {
    caller.phone.dials(owner.number)
    await there.phone.rings(caller.caller)
    await there.phone.answers()
    await caller.phone.isAnswered()
    await caller.phone.hearsTone(there.phone.tone)
    await caller.phone.hangsUp()
    await there.phone.isHungUp()
  })

  await owner.phone.calls(code)
  await owner.phone.isHungUp()
  caller.phone.dials(owner.number)
  await owner.phone.rings(caller.caller)
  await owner.phone.answers()
  await caller.phone.isAnswered()
  await owner.phone.hearsTone(caller.phone.tone)
  await caller.phone.hearsTone(owner.phone.tone)
  await owner.phone.hangsUp()
  await caller.phone.isHungUp()
}

/** One phone sends another on to a third. */
export const transfer: Journey = async ({ desk }) => {
  const [owner, other, third] = [await desk(), await desk(), await desk()]
  owner.phone.dials(other.number)
  await other.phone.rings(owner.caller)
  await other.phone.answers()
  await owner.phone.isAnswered()
  await other.phone.hearsTone(owner.phone.tone)
  await owner.phone.hearsTone(other.phone.tone)

  const taken = third.phone.rings(other.caller, other.number).then(() => third.phone.answers())
  await Promise.all([owner.phone.transfers(third.number), taken])
  await third.phone.hearsTone(other.phone.tone)
  await other.phone.hearsTone(third.phone.tone)
  await third.phone.hangsUp()
  await other.phone.isHungUp()
}

/** With both on the line, one after the other, it connects them. */
export const attendedTransfer: Journey = async ({ desk }) => {
  const [owner, other, third] = [await desk(), await desk(), await desk()]
  owner.phone.dials(other.number)
  await other.phone.rings(owner.caller)
  await other.phone.answers()
  await owner.phone.isAnswered()
  await owner.phone.holds!()
  owner.phone.dials(third.number)
  await third.phone.rings(owner.caller)
  await third.phone.answers()
  await owner.phone.isAnswered()
  await third.phone.hearsTone(owner.phone.tone)

  await owner.phone.connects!()
  // The call that Replaces is taken without ringing.
  await third.phone.hearsTone(other.phone.tone)
  await other.phone.hearsTone(third.phone.tone)
  await third.phone.hangsUp()
}

/** Switched off, it is not reachable. */
export const leaving: Journey = async ({ desk }) => {
  const [owner, caller] = [await desk(), await desk()]
  await owner.phone.ends()
  expect(await caller.phone.isRefused(owner.number)).toBe(480)
}

/** Ordered by the provider's clock, and answered when it rings: in the minute that it was ordered for. */
export const wakeUp: Journey = async ({ desk, services, clock }) => {
  const { phone } = await desk()
  // Not for a minute that may have begun when the order arrives.
  const minute = Math.floor(((await clock()) + ORDER_SECONDS) / 60)
  const text = [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join('')
  await phone.calls(services.codes.wakeUp!.replace('HHMM', text))
  await phone.isHungUp()
  await phone.rings('wake-up')
  // Orders are for minutes: a call is on time while the clock shows that one.
  expect(Math.floor((await clock()) / 60)).toBe(minute)
  await phone.answers()
  await phone.hangsUp()
}
