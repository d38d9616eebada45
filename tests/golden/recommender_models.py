"""Saved recommenders with random weights, and the scores that PyTorch gives with them. torch, numpy, safetensors; run:
python tests/golden/recommender_models.py tests/golden/data/recommenders
Each folder is what saveRecommender writes, made here from scratch, beside expected.json."""
import json
import sys
from pathlib import Path

import numpy as np
import safetensors
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import normalize, softplus

torch.manual_seed(5)
rng = np.random.default_rng(6)
users, items = 12, 14
seen = [j for j in range(items) if j not in (4, 13)]  # two items that nobody had in fit()
place = np.full(items, -1, np.int32)
place[seen] = np.arange(len(seen))
rows = [sorted(rng.choice(items, rng.integers(1, 9), replace=False).tolist()) for _ in range(users)]
rows[2] = [4]  # nothing that was seen
times = [rng.permutation(100)[: len(r)].tolist() for r in rows]
out = Path(sys.argv[1])


def save(kind, parameters, state, scores):
    folder = out / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recommender.json").write_text(json.dumps({"format": 1, "kind": kind, "parameters": parameters}))
    save_file({k: v.float().contiguous() if v.is_floating_point() else v for k, v in state.items()},
              folder / "state.safetensors")
    (folder / "expected.json").write_text(json.dumps({
        "versions": {"torch": torch.__version__, "numpy": np.__version__, "safetensors": safetensors.__version__},
        "items": items, "rows": rows, "times": times,
        "scores": [[float(f"{v:.8g}") for v in row] for row in scores.tolist()]}))


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, dtype=torch.float64).requires_grad_(False)


def named(**layers):
    return {f"{name}.{k}": v for name, layer in layers.items() for k, v in layer.state_dict().items()}


def wide(scores):
    """Over all items: zeros for those not seen."""
    result = torch.zeros(users, items, dtype=torch.float64)
    result[:, seen] = scores
    return result


def multvae(hidden=6, bottleneck=3):
    first, middle = linear(len(seen), hidden), linear(hidden, 2 * bottleneck)
    decoder, last = linear(bottleneck, hidden), linear(hidden, len(seen))
    x = torch.zeros(users, items, dtype=torch.float64)
    for u, row in enumerate(rows):
        x[u, row] = 1
    means = middle(torch.tanh(first(normalize(x[:, seen], dim=1))))[:, :bottleneck]
    scores = softplus(last(torch.tanh(decoder(means))))
    state = {"input.weight": first.weight.T, "input.bias": first.bias, "place": torch.tensor(place),
             **named(middle=middle, decoder=decoder, output=last)}
    save("multvae", {"dim_hidden_layer": hidden, "dim_bottleneck_layer": bottleneck}, state, wide(scores))


def sasrec(d=6, length=5, heads=2, blocks=2):
    item, position = torch.randn(len(seen), d).double(), torch.randn(length, d).double()
    state = {"items": item, "positions": position, "place": torch.tensor(place)}

    def norm():
        layer = nn.LayerNorm(d, eps=1e-8, dtype=torch.float64).requires_grad_(False)
        layer.weight.copy_(torch.rand(d) + 0.5)
        layer.bias.copy_(torch.randn(d) * 0.1)
        return layer

    layers = []
    for b in range(blocks):
        attention = nn.MultiheadAttention(d, heads, batch_first=True, dtype=torch.float64).requires_grad_(False)
        attention.in_proj_bias.copy_(torch.randn(3 * d) * 0.2)
        norm1, norm2, inner, outer = norm(), norm(), linear(d, d), linear(d, d)
        layers.append((norm1, attention, norm2, inner, outer))
        for i, name in enumerate(("query", "key", "value")):
            state[f"blocks.{b}.{name}.weight"] = attention.in_proj_weight[i * d:(i + 1) * d]
            state[f"blocks.{b}.{name}.bias"] = attention.in_proj_bias[i * d:(i + 1) * d]
        state |= {f"blocks.{b}.{k}": v for k, v in
                  named(norm1=norm1, norm2=norm2, out=attention.out_proj, inner=inner, outer=outer).items()}
    final = norm()
    state |= named(norm=final)
    scores = torch.zeros(users, len(seen), dtype=torch.float64)
    for u, row in enumerate(rows):
        sequence = [place[row[k]] for k in np.argsort(times[u]) if place[row[k]] >= 0][-length:]
        if not sequence:
            continue
        x = (item[sequence] * d ** 0.5 + position[length - len(sequence):]).unsqueeze(0)
        later = torch.ones(len(sequence), len(sequence), dtype=torch.bool).triu(1)
        for norm1, attention, norm2, inner, outer in layers:
            asked = norm1(x)
            x = norm2(asked + attention(asked, x, x, attn_mask=later, need_weights=False)[0])
            x = x + outer(torch.relu(inner(x)))
        scores[u] = softplus(item @ final(x)[0, -1])
    save("sasrec", {"hidden_units": d, "maxlen": length, "num_heads": heads, "num_blocks": blocks}, state, wide(scores))


def heater(rank=5, alpha=4.0, regularization=0.5):
    factors, vectors = torch.randn(items, rank).double(), torch.randn(items, rank).double()
    inner, outer = linear(rank, rank), linear(rank, rank)
    scores = torch.zeros(users, items, dtype=torch.float64)
    for u, row in enumerate(rows):
        mine = factors[row]
        matrix = factors.T @ factors + (alpha - 1) * mine.T @ mine + regularization * torch.eye(rank)
        user = torch.linalg.solve(matrix, alpha * mine.sum(0))
        scores[u] = softplus(vectors @ outer(torch.tanh(inner(user))))
    state = {"factors": factors, "items": vectors, **{f"user.{k}": v for k, v in named(inner=inner, outer=outer).items()}}
    save("heater", {"rank": rank, "cf_alpha": alpha, "cf_regularization": regularization}, state, scores)


multvae()
sasrec()
heater()
