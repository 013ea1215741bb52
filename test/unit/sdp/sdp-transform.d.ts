/** As much of it as the tests compare with; the package has no types of its own. */
declare module 'sdp-transform' {
  export function parse(sdp: string): {
    media: {
      port: number
      payloads: string | number
      direction: string
      ptime: number
      rtp: { payload: number; codec: string; rate: number }[]
    }[]
  }
}
