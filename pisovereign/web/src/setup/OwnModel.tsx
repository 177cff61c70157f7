/** Takes a GGUF file that was chosen or dropped, and says what it is. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { ErrorLine } from "../components/ErrorLine";
import { Field } from "../components/Field";
import { bytes } from "../text/format";
import { t } from "../text/t";
import { visible } from "../text/visible";
import { upload, type FoundModel, type Progress } from "./api";

interface Props {
  disabled: boolean;
  /** Set while one is sent: send no more of it. */
  stop: RefObject<boolean>;
  onProgress: (progress: Progress | null) => void;
  onAdded: (model: string) => Promise<void>;
}

export function OwnModel({ disabled, stop, onProgress, onAdded }: Props) {
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>(null);
  const busy = useRef(false);
  const take = async (file: File | undefined) => {
    if (!file || busy.current) return;
    busy.current = true;
    stop.current = false;
    setError(null);
    setText("");
    onProgress({ status: "running", file: file.name, done: 0, total: file.size });
    let found = "";
    try {
      const model = await upload(
        file,
        (told) => {
          if (told.found) setText((found = describe(told.found)));
          onProgress({ status: "running", file: file.name, done: told.held, total: file.size });
        },
        () => stop.current === true,
      );
      if (model) {
        await onAdded(model);
        setText(`${found} ${t("setup.file_added", { name: visible(file.name) })}`);
      }
    } catch (problem) {
      setText("");
      setError(problem instanceof ApiError ? (problem.fields[0]?.error ?? problem) : problem);
    }
    busy.current = false;
    onProgress(null);
  };
  useEffect(() => {
    // Missing the field by a finger's width must not open the file in place of the page.
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      void take(event.dataTransfer?.files[0]);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return (
    <div id="drop">
      <Field label={t("setup.file")} hint={t("setup.file_hint")}>
        {(input) => (
          <input
            {...input} type="file" accept=".gguf" disabled={disabled}
            onChange={(event) => {
              void take(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
          />
        )}
      </Field>
      <p id="file-found" role="status">{text}</p>
      <ErrorLine error={error} />
    </div>
  );
}

function describe(found: FoundModel): string {
  const need = found.needs[0];
  return t("setup.file_found", {
    name: visible(found.name), size: bytes(found.size), format: found.quantization, license: found.license,
    memory: bytes(need ? need.weights + need.compute + need.conversation : 0), context: need?.context ?? 0,
  });
}
