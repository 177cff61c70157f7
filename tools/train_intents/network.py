"""Training of a network of one hidden layer, with numpy alone, reproducibly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
HIDDEN = 192
_NETWORKS = 3
_EPOCHS = 40
_BATCH = 128
_RATE = 2e-3
_DECAY = 0.01
_DROPOUT = 0.3


class Part(NamedTuple):
    """The columns of one encoder, and in which share of the sentences it is missing."""

    start: int
    end: int
    missing: float


class Sentences(NamedTuple):
    """What is learned from: for each sentence a vector, its output, and how much it counts."""

    vectors: Floats
    rows: Ints
    weights: Floats


class Network(NamedTuple):
    """The weights: hidden = relu(x @ first + hidden_bias), logits = hidden @ second + bias."""

    first: Floats
    hidden_bias: Floats
    second: Floats
    bias: Floats

    def logits(self, vectors: Floats) -> Floats:
        """Return the outputs for some vectors."""
        hidden = np.maximum(vectors @ self.first + self.hidden_bias, 0)
        logits: Floats = hidden @ self.second + self.bias
        return logits


def train(sentences: Sentences, outputs: int, parts: Sequence[Part], seed: int) -> Network:
    """Return a network that tells the outputs of sentences.

    Its outputs are the means of those of several networks, which differ in what is random: what one
    of them takes a rare sentence for by chance, the others do not.

    Args:
        sentences: What is learned from.
        outputs: How many outputs there are.
        parts: The encoders, one of which at most is missing in a sentence.
        seed: Decides about everything random.
    """
    networks = [_trained(sentences, outputs, parts, (seed, n)) for n in range(_NETWORKS)]
    return Network(
        np.hstack([network.first for network in networks]),
        np.concatenate([network.hidden_bias for network in networks]),
        np.vstack([network.second for network in networks]) / np.float32(_NETWORKS),
        np.mean([network.bias for network in networks], axis=0, dtype=np.float32),
    )


def _trained(
    sentences: Sentences, outputs: int, parts: Sequence[Part], seed: tuple[int, int]
) -> Network:
    vectors, rows, weights = sentences
    chance = np.random.default_rng(seed)
    width = vectors.shape[1]
    network = Network(
        (chance.standard_normal((width, HIDDEN)) * 0.5).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        (chance.standard_normal((HIDDEN, outputs)) / np.sqrt(HIDDEN)).astype(np.float32),
        np.zeros(outputs, np.float32),
    )
    mean = [np.zeros_like(w) for w in network]
    square = [np.zeros_like(w) for w in network]
    steps = _EPOCHS * -(-len(vectors) // _BATCH)
    step = 0
    for _ in range(_EPOCHS):
        order = chance.permutation(len(vectors))
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            batch = vectors[some].copy()
            fate = chance.random(len(some))
            for part in parts:
                batch[(fate >= 0) & (fate < part.missing), part.start : part.end] = 0
                fate = fate - part.missing
            gradients = _gradients(network, batch, rows[some], weights[some], chance)
            step += 1
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for i, gradient in enumerate(gradients):
                mean[i] += 0.1 * (gradient - mean[i])
                square[i] += 0.001 * (gradient * gradient - square[i])
                change = (mean[i] / (1 - 0.9**step)) / (
                    np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8
                )
                decay = _DECAY if network[i].ndim > 1 else 0.0
                network[i][...] -= (rate * (change + decay * network[i])).astype(np.float32)
    return network


def _gradients(
    network: Network, batch: Floats, rows: Ints, weights: Floats, chance: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    before = batch @ network.first + network.hidden_bias
    kept = (chance.random(before.shape) >= _DROPOUT).astype(np.float32) / (1 - _DROPOUT)
    hidden = np.maximum(before, 0) * kept
    error = softmax(hidden @ network.second + network.bias)
    error[np.arange(len(batch)), rows] -= 1
    error *= weights[:, None] / len(batch)
    back = (error @ network.second.T) * kept * (before > 0)
    return batch.T @ back, back.sum(0), hidden.T @ error, error.sum(0)


def softmax(logits: Floats) -> Floats:
    """Return shares that sum to 1 in each row."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares: Floats = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
    return shares


def temperature(logits: Floats, groups: NDArray[np.float32], right: Ints) -> float:
    """Return what to divide logits by for the greatest likelihood of what is right.

    Args:
        logits: Of sentences that the network was not trained with.
        groups: A row for each output, with a 1 in the column of its intent.
        right: The column of the right intent, for each sentence.
    """
    choices = np.linspace(0.5, 4.0, 71)

    def loss(choice: float) -> float:
        shares = softmax((logits / choice).astype(np.float32)) @ groups
        return float(-np.log(shares[np.arange(len(right)), right] + 1e-9).mean())

    return float(min(choices, key=loss))
