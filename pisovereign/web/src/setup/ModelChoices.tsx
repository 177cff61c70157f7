/** The models there are, with what each takes. */

import { bytes } from "../text/format";
import { language, t } from "../text/t";
import type { ModelChoice } from "./api";

interface Props {
  models: readonly ModelChoice[];
  chosen: string;
  onChoose: (id: string) => void;
  disabled: boolean;
}

export function ModelChoices({ models, chosen, onChoose, disabled }: Props) {
  return (
    <fieldset disabled={disabled}>
      <legend>{t("setup.model")}</legend>
      {models.map((model) => (
        <label key={model.id} class="setup-choice">
          <input
            type="radio" name="model" value={model.id} checked={model.id === chosen} required
            onChange={() => onChoose(model.id)}
          />
          <span>
            <strong>{model.recommended ? `${model.name} (${t("setup.recommended")})` : model.name}</strong>
            <span class="hint">{describe(model)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function describe(model: ModelChoice): string {
  const parts = [model.parameters, model.license];
  if (model.state === "verified") parts.push(t("setup.model_is_here"));
  else if (model.on_media) parts.push(t("setup.model_on_media"));
  else parts.push(t("setup.download", { size: bytes(model.size) }));
  parts.push(t("setup.memory_needed", { memory: bytes(model.memory) }));
  if (!model.fits) parts.push(t("setup.model_too_large"));
  // There are no others.
  if (language.value === "en" && model.audience) parts.push(model.audience);
  return parts.join(" · ");
}
