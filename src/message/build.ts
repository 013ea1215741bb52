import type { NameAddr, SipRequest, SipResponse, Via } from './message.js'

export type ViaInput = Partial<Via> & Pick<Via, 'transport' | 'host'>
export type NameAddrInput = Partial<NameAddr> & Pick<NameAddr, 'uri'>
export type HeaderList = Iterable<readonly [name: string, value: string]>

export interface RequestOptions {
  readonly method: string
  readonly uri: string
  readonly from: string | NameAddrInput
  readonly to: string | NameAddrInput
  readonly callId: string
  /** The number alone: the method is the request's. */
  readonly cseq: number | { readonly number: number; readonly method: string }
  readonly via?: string | ViaInput | undefined
  readonly contact?: string | NameAddrInput | undefined
  /** 70 unless told; `null`: no such header field. */
  readonly maxForwards?: number | null | undefined
  readonly headers?: HeaderList | undefined
  readonly body?: Buffer | string | undefined
  readonly contentType?: string | undefined
}

export interface ResponseOptions {
  /** Added to To when it has no tag yet and the status is not 100. */
  readonly toTag?: string | undefined
  readonly contact?: string | NameAddrInput | undefined
  readonly headers?: HeaderList | undefined
  readonly body?: Buffer | string | undefined
  readonly contentType?: string | undefined
}

/** Builds a request (RFC 3261 §8.1.1). Content-Length is always there. */
export function createRequest(_o: RequestOptions): SipRequest {
  throw new Error('not yet')
}

/** Builds a response to a request (RFC 3261 §8.2.6). */
export function createResponse(
  _request: SipRequest,
  _status: number,
  _reason?: string,
  _o?: ResponseOptions,
): SipResponse {
  throw new Error('not yet')
}

/** The reason phrase for a status code, `Unknown` for unregistered ones. */
export function reasonPhrase(_status: number): string {
  throw new Error('not yet')
}
