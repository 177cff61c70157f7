/** Lets a model be chosen, fetched, or brought as a file. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ErrorLine } from "../components/ErrorLine";
import { bytes } from "../text/format";
import { t } from "../text/t";
import { fetchModel, loadState, makeKey, stopFetching, type About, type Progress, type SetupState } from "./api";
import { ModelChoices } from "./ModelChoices";
import { ModelProgress } from "./ModelProgress";
import { OwnModel } from "./OwnModel";
import { Step } from "./Step";

interface Props {
  about: About;
  state: SetupState;
  onState: (state: SetupState) => void;
  onKey: (key: string) => void;
  onBack: () => void;
}

const POLL_MS = 1000;

export function ModelStep({ about, state, onState, onKey, onBack }: Props) {
  const first = state.models.find((model) => model.recommended) ?? state.models[0];
  const [chosen, setChosen] = useState(first?.id ?? "");
  const [sending, setSending] = useState<Progress | null>(null);
  const [error, setError] = useState<unknown>(null);
  // The model that is waited for.
  const awaited = useRef<string | null>(null);
  const stopSending = useRef(false);
  const progress = sending ?? (state.pull?.status === "running" ? state.pull : null);

  const look = async () => {
    const now = await loadState();
    onState(now);
    const model = awaited.current;
    if (model === null || !now.pull || now.pull.status === "running") return;
    awaited.current = null;
    if (now.pull.status === "done") onKey(await makeKey(about, model));
    else setError(t("setup.download_failed", { error: now.pull.error ?? "" }));
  };
  useEffect(() => {
    // A stick may be plugged in, and files arrive.
    const timer = setInterval(() => void look().catch(setError), POLL_MS);
    return () => clearInterval(timer);
  }, [about.name, about.time_zone, about.language]);

  const submit = async () => {
    setError(null);
    const model = state.models.find((each) => each.id === chosen);
    if (!model) return;
    if (model.state === "verified") {
      onKey(await makeKey(about, chosen));
      return;
    }
    await fetchModel(chosen, model.on_media ? "media" : "download");
    awaited.current = chosen;
    await look();
  };
  const stop = async () => {
    awaited.current = null;
    stopSending.current = true;
    if (!sending) await stopFetching().catch(setError);
  };
  const values = { memory: bytes(state.memory_bytes), free: bytes(state.free_bytes) };
  return (
    <Step
      title={t("setup.model_title")} action={t("setup.continue")} onSubmit={submit} onBack={onBack} disabled={progress !== null}
    >
      <p>{t("setup.memory", values)}</p>
      <ModelChoices models={state.models} chosen={chosen} onChoose={setChosen} disabled={progress !== null} />
      <OwnModel
        disabled={progress !== null} stop={stopSending} onProgress={setSending}
        onAdded={async (model) => {
          onState(await loadState());
          setChosen(model);
        }}
      />
      {progress && <ModelProgress progress={progress} sending={sending !== null} onStop={() => void stop()} />}
      <ErrorLine error={error} />
    </Step>
  );
}
