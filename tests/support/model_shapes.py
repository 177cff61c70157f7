"""The tensors and fields of model files of several architectures, in any size.

Shapes are as ggml has them, the fastest dimension first. Names are those that llama.cpp's loader
asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Field = bool | int | float | str | Sequence[int] | Sequence[bool]
Shapes = dict[str, tuple[int, ...]]

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A model without its numbers.

    Attributes:
        architecture: GGUF's name for it.
        vocabulary: number of tokens.
        fields: metadata below the architecture's name.
        tensors: the shape of each.
    """

    architecture: str
    vocabulary: int
    fields: dict[str, Field]
    tensors: Shapes


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that every architecture has.

    Attributes:
        vocabulary: number of tokens.
        layers: number of layers.
        width: numbers that describe a token between layers.
        feed_forward: width of the feed-forward part.
        heads: attention heads of a layer.
        kept_heads: heads of keys and values.
        head_width: numbers of one head.
        context: tokens that it was trained on.
    """

    vocabulary: int
    layers: int
    width: int
    feed_forward: int
    heads: int
    kept_heads: int
    head_width: int
    context: int = 32768

    @property
    def fields(self) -> dict[str, Field]:
        """Return the metadata that says these sizes."""
        return {
            "context_length": self.context,
            "embedding_length": self.width,
            "block_count": self.layers,
            "feed_forward_length": self.feed_forward,
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kept_heads,
            "attention.key_length": self.head_width,
            "attention.value_length": self.head_width,
            "attention.layer_norm_rms_epsilon": _EPSILON,
        }

    def ends(self, norm: str = "output_norm") -> Shapes:
        """Return what is before and behind the layers; embedding and output are one matrix."""
        return {
            "token_embd.weight": (self.width, self.vocabulary),
            f"{norm}.weight": (self.width,),
        }

    def attention(self, queries: int = 1) -> Shapes:
        """Return attention's matrices; `queries` times as many numbers for the queries."""
        kept = self.kept_heads * self.head_width
        return {
            "attn_q.weight": (self.width, queries * self.heads * self.head_width),
            "attn_k.weight": (self.width, kept),
            "attn_v.weight": (self.width, kept),
            "attn_output.weight": (self.heads * self.head_width, self.width),
        }

    def head_norms(self) -> Shapes:
        """Return the norms of queries and keys."""
        return {f"attn_{name}_norm.weight": (self.head_width,) for name in "qk"}

    def forward(self, width: int = 0) -> Shapes:
        """Return the feed-forward part's matrices."""
        inner = width or self.feed_forward
        return {
            "ffn_gate.weight": (self.width, inner),
            "ffn_up.weight": (self.width, inner),
            "ffn_down.weight": (inner, self.width),
        }

    def norms(self, *names: str) -> Shapes:
        """Return norms of the whole width."""
        return {f"{name}.weight": (self.width,) for name in names}


def llama(sizes: Sizes) -> ModelShape:
    """Return a plain transformer, whose sequences can be cut anywhere."""
    layer = sizes.norms("attn_norm", "ffn_norm") | sizes.attention() | sizes.forward()
    fields = sizes.fields | {"rope.dimension_count": sizes.head_width}
    return _model("llama", sizes, fields, [layer] * sizes.layers)


def qwen2(sizes: Sizes) -> ModelShape:
    """Return a plain transformer with biases."""
    kept = sizes.kept_heads * sizes.head_width
    biases: Shapes = {
        "attn_q.bias": (sizes.heads * sizes.head_width,),
        "attn_k.bias": (kept,),
        "attn_v.bias": (kept,),
    }
    layer = sizes.norms("attn_norm", "ffn_norm") | sizes.attention() | sizes.forward() | biases
    return _model("qwen2", sizes, sizes.fields, [layer] * sizes.layers)


def qwen35(
    sizes: Sizes, *, state: int, groups: int, values: int = 0, interval: int = 4
) -> ModelShape:
    """Return gated delta nets with attention in every layer that `interval` divides.

    Args:
        sizes: the usual sizes; a query's head has a gate beside it.
        state: width of a head of the delta net.
        groups: its heads for keys.
        values: its heads for values; 0: as many.
        interval: see above.
    """
    values = values or groups
    inner = state * values
    mixed = 2 * state * groups + inner
    norms = sizes.norms("attn_norm", "post_attention_norm")
    attention = norms | sizes.attention(queries=2) | sizes.head_norms() | sizes.forward()
    recurrent: Shapes = {
        "attn_qkv.weight": (sizes.width, mixed),
        "attn_gate.weight": (sizes.width, inner),
        "ssm_conv1d.weight": (4, mixed),
        "ssm_dt.bias": (values,),
        "ssm_a": (values,),
        "ssm_beta.weight": (sizes.width, values),
        "ssm_alpha.weight": (sizes.width, values),
        "ssm_norm.weight": (state,),
        "ssm_out.weight": (inner, sizes.width),
    }
    recurrent = norms | recurrent | sizes.forward()
    layers = [recurrent if (n + 1) % interval else attention for n in range(sizes.layers)]
    quarter = sizes.head_width // 8
    fields = sizes.fields | {
        "ssm.conv_kernel": 4,
        "ssm.inner_size": inner,
        "ssm.state_size": state,
        "ssm.time_step_rank": values,
        "ssm.group_count": groups,
        "full_attention_interval": interval,
        "rope.dimension_count": 2 * quarter,
        "rope.dimension_sections": [quarter - 2 * (quarter // 3), quarter // 3, quarter // 3, 0],
    }
    return _model("qwen35", sizes, fields, layers)


def lfm2(sizes: Sizes, *, attention: Sequence[int], cache: int = 3) -> ModelShape:
    """Return short convolutions over `cache` tokens, with attention in the named layers."""
    norms = sizes.norms("attn_norm", "ffn_norm")
    full = norms | sizes.attention() | sizes.head_norms() | sizes.forward()
    short: Shapes = {
        "shortconv.conv.weight": (cache, sizes.width),
        "shortconv.in_proj.weight": (sizes.width, 3 * sizes.width),
        "shortconv.out_proj.weight": (sizes.width, sizes.width),
    }
    short = norms | short | sizes.forward()
    kept = [sizes.kept_heads if n in attention else 0 for n in range(sizes.layers)]
    fields = sizes.fields | {"attention.head_count_kv": kept, "shortconv.l_cache": cache}
    layers = [full if n in attention else short for n in range(sizes.layers)]
    return _model("lfm2", sizes, fields, layers, norm="token_embd_norm")


def granite_hybrid(sizes: Sizes, *, attention: Sequence[int], state: int, heads: int) -> ModelShape:
    """Return Mamba 2 with attention, without positions, in the named layers."""
    inner = 2 * sizes.width
    norms = sizes.norms("attn_norm", "ffn_norm")
    mixed = inner + 2 * state
    recurrent: Shapes = {
        "ssm_in.weight": (sizes.width, 2 * inner + 2 * state + heads),
        "ssm_conv1d.weight": (4, mixed),
        "ssm_conv1d.bias": (mixed,),
        "ssm_dt.bias": (heads,),
        "ssm_a": (1, heads),
        "ssm_d": (1, heads),
        "ssm_norm.weight": (inner, 1),
        "ssm_out.weight": (inner, sizes.width),
    }
    kept = [sizes.kept_heads if n in attention else 0 for n in range(sizes.layers)]
    fields = sizes.fields | {
        "attention.head_count_kv": kept,
        "ssm.conv_kernel": 4,
        "ssm.inner_size": inner,
        "ssm.state_size": state,
        "ssm.time_step_rank": heads,
        "ssm.group_count": 1,
        "rope.scaling.finetuned": False,
        "rope.dimension_count": sizes.head_width,
    }
    full, short = norms | sizes.attention() | sizes.forward(), norms | recurrent | sizes.forward()
    layers = [full if n in attention else short for n in range(sizes.layers)]
    return _model("granitehybrid", sizes, fields, layers)


_GEMMA_NORMS = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")


def gemma3(sizes: Sizes, *, window: int, interval: int = 6) -> ModelShape:
    """Return a transformer that looks back `window` tokens in all but each `interval`-th layer."""
    layer = sizes.norms(*_GEMMA_NORMS) | sizes.attention() | sizes.head_norms() | sizes.forward()
    fields = sizes.fields | {
        "attention.sliding_window": window,
        "attention.sliding_window_pattern": interval,
    }
    return _model("gemma3", sizes, fields, [layer] * sizes.layers)


def gemma4(
    sizes: Sizes, *, window: int, wide_head: int, each: int, shared: int, interval: int = 5
) -> ModelShape:
    """Return a transformer with sliding windows and embeddings of each layer.

    Args:
        sizes: the usual sizes; `head_width` is that of layers with a window.
        window: tokens that those look back.
        wide_head: head width of the others, each `interval`-th.
        each: width of a layer's own embedding.
        shared: layers at the end that use keys and values of earlier ones, and have a
            feed-forward part of twice the width.
        interval: see above.
    """
    layers = []
    slides = [bool((n + 1) % interval) for n in range(sizes.layers)]
    for number, slide in enumerate(slides):
        head = sizes.head_width if slide else wide_head
        late = number >= sizes.layers - shared
        layer: Shapes = {
            **sizes.norms(*_GEMMA_NORMS, "post_norm"),
            "attn_q.weight": (sizes.width, sizes.heads * head),
            "attn_q_norm.weight": (head,),
            "attn_k.weight": (sizes.width, sizes.kept_heads * head),
            "attn_k_norm.weight": (head,),
            "attn_v.weight": (sizes.width, sizes.kept_heads * head),
            "attn_output.weight": (sizes.heads * head, sizes.width),
            "inp_gate.weight": (sizes.width, each),
            "proj.weight": (each, sizes.width),
            "layer_output_scale.weight": (1,),
            **sizes.forward(sizes.feed_forward * (2 if late else 1)),
        }
        layers.append(layer)
    fields = sizes.fields | {
        "feed_forward_length": [
            sizes.feed_forward * (2 if n >= sizes.layers - shared else 1)
            for n in range(sizes.layers)
        ],
        "attention.key_length": wide_head,
        "attention.value_length": wide_head,
        "attention.key_length_swa": sizes.head_width,
        "attention.value_length_swa": sizes.head_width,
        "attention.sliding_window": window,
        "attention.sliding_window_pattern": slides,
        "attention.shared_kv_layers": shared,
        "embedding_length_per_layer_input": each,
        "rope.dimension_count": wide_head,
        "rope.dimension_count_swa": sizes.head_width,
        "rope.freq_base_swa": 10000.0,
        "final_logit_softcapping": 30.0,
    }
    more: Shapes = {
        "per_layer_token_embd.weight": (each * sizes.layers, sizes.vocabulary),
        "per_layer_model_proj.weight": (sizes.width, each * sizes.layers),
        "per_layer_proj_norm.weight": (each,),
        "rope_freqs.weight": (wide_head // 2,),
    }
    return _model("gemma4", sizes, fields, layers, more=more)


def _model(
    name: str,
    sizes: Sizes,
    fields: dict[str, Field],
    layers: Sequence[Shapes],
    *,
    norm: str = "output_norm",
    more: Shapes | None = None,
) -> ModelShape:
    tensors = sizes.ends(norm) | (more or {})
    for number, layer in enumerate(layers):
        tensors |= {f"blk.{number}.{tensor}": shape for tensor, shape in layer.items()}
    return ModelShape(name, sizes.vocabulary, fields, tensors)
