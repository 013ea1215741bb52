/** Whether a number or code was served: by its final response, and by what was heard before it. */

/** Not assigned, gone, incomplete, busy (RFC 3261 §21.4.5, §21.4.11, §21.4.22, §21.4.24, §21.6): whatever was heard before said so. */
const NOT_SERVED = new Set([404, 410, 484, 485, 486, 600, 604])

/**
 * Some announcements are early media and then end with a refusal, or are never answered: those count where they were heard. A
 * number that is not there is often announced, too.
 */
export function isServed(status: number | undefined, heardAnnouncement: boolean): boolean {
  if (status === undefined) return heardAnnouncement
  return status < 300 || (heardAnnouncement && !NOT_SERVED.has(status))
}
