const heartbeatInterval = 30_000;
const redrawInterval = 1_000;

/** Shows what is being done, one line for each piece of work. */
export interface Progress {
  note(line: string): void;
  /** Shows the work with its elapsed time until it has ended, well or badly. */
  follow<T>(what: string, work: () => Promise<T>): Promise<T>;
}

/** For logs: a line at the start, a sign of life every half minute, a line at the end. */
export function lineProgress(report: (line: string) => void): Progress {
  return {
    note: report,
    follow: (what, work) => {
      report(`${what} …`);
      return timed(what, work, {
        interval: heartbeatInterval,
        alive: (elapsed) => {
          report(`${what} … still at it after ${elapsed}`);
        },
        ended: report,
      });
    },
  };
}

/** For a terminal: one line per piece of work, rewritten in place. */
export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const draw = (line: string): void => {
    stream.write(`\r\u001b[2K${line}`);
  };
  return {
    note: (line) => {
      draw(`${line}\n`);
    },
    follow: (what, work) => {
      draw(`${what} …`);
      return timed(what, work, {
        interval: redrawInterval,
        alive: (elapsed) => {
          draw(`${what} … ${elapsed}`);
        },
        ended: (line) => {
          draw(`${line}\n`);
        },
      });
    },
  };
}

export function defaultProgress(): Progress {
  const { stderr } = process;
  if (stderr.isTTY) return terminalProgress(stderr);
  return lineProgress((line) => {
    stderr.write(`${line}\n`);
  });
}

interface Display {
  readonly interval: number;
  readonly alive: (elapsed: string) => void;
  readonly ended: (line: string) => void;
}

async function timed<T>(what: string, work: () => Promise<T>, display: Display): Promise<T> {
  const begin = Date.now();
  const elapsed = (): string => duration(Date.now() - begin);
  const timer = setInterval(() => {
    display.alive(elapsed());
  }, display.interval);
  let outcome = "failed after";
  try {
    const value = await work();
    outcome = "done in";
    return value;
  } finally {
    clearInterval(timer);
    display.ended(`${what}: ${outcome} ${elapsed()}`);
  }
}

/** "42 s" or "3 min 07 s". */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
