"""Descriptions of models, in lines for people."""

from __future__ import annotations

from pisovereign.models.adding import Plan
from pisovereign.models.gguf.description import parameters_text
from pisovereign.models.recommendation import holds


def plan_lines(plan: Plan) -> list[str]:
    """Return the lines that tell of a model before it is fetched."""
    found = plan.description
    languages = ", ".join(found.languages) or "not stated"
    lines = [
        f"{plan.model_id}: {found.name}, {parameters_text(found.parameters)},"
        f" {found.architecture}, {found.quantization}, {found.size / 1e6:.0f} MB",
        f"  license: {found.license}; languages: {languages}",
    ]
    for need in found.needs:
        fits = "fits" if holds(plan.device_memory, need.total) else "does not fit"
        lines.append(
            f"  memory with {need.context} of {found.context_length} tokens:"
            f" {need.total / 1e6:.0f} MB (weights {need.weights / 1e6:.0f},"
            f" conversation {need.conversation / 1e6:.0f}, computing {need.compute / 1e6:.0f});"
            f" {fits} into the {plan.device_memory / 1e9:.1f} GB of this device"
        )
    if found.template_warning:
        lines.append(f"  {found.template_warning}")
    return lines
