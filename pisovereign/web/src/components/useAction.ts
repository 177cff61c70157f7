/** Something that a button does: while it goes on it is not begun again, and what went wrong is told. */

import { useState } from "preact/hooks";
import { describe } from "../api/errors";
import { toast } from "./toasts";

export interface Action {
  busy: boolean;
  run: (work: () => Promise<void>) => void;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast(describe(error), { tone: "error", seconds: 10 });
    }
    setBusy(false);
  };
  return { busy, run: (work) => void run(work) };
}
