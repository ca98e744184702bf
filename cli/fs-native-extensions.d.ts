declare module 'fs-native-extensions' {
  /** Takes the operating system's lock on an open file without waiting. @returns false if another process has it */
  export function tryLock(fd: number): boolean
  export function unlock(fd: number): void
}
