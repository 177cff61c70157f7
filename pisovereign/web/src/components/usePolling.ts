/** Asks again and again while something goes on, but not while nobody looks. */

import { useEffect, useRef } from "preact/hooks";

/** Call `ask` every `ms` while `active`; one call is over before the next begins. */
export function usePolling(ask: () => Promise<void>, active: boolean, ms: number): void {
  const current = useRef(ask);
  current.current = ask;
  useEffect(() => {
    if (!active) return;
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const turn = async () => {
      if (document.visibilityState === "visible") await current.current();
      if (!ended) timer = setTimeout(() => void turn(), ms);
    };
    timer = setTimeout(() => void turn(), ms);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [active, ms]);
}
