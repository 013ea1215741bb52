/** What is dialled to leave a message for an account without ringing it. */
import type { TargetAccount } from './target-schema.js'

/** @param pattern `services.mailbox.deposit`: {user} and {number} stand for the owner */
export const depositNumber = (pattern: string, { user, numbers }: Pick<TargetAccount, 'user' | 'numbers'>): string =>
  pattern.replaceAll('{user}', user).replaceAll('{number}', numbers[0] ?? user)
