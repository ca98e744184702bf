/** Whether a server listening on this host can only be reached from this machine. */
export const isLoopback = (host: string) => /^(localhost\.?|127(\.\d{1,3}){3}|::1)$/i.test(host)
