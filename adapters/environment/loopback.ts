/** Whether only this machine reaches what listens at this host. */
export const isLoopback = (host: string) => /^(localhost\.?|127(\.\d{1,3}){3}|::1)$/i.test(host)
