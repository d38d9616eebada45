#!/usr/bin/env python3
"""Golden values of the NMSE-ELSA loss, its gradient and of NAdam, from PyTorch's autograd and torch.optim.

    python3 tests/golden/loss.py > tests/golden/data/loss.json

The loss is written from its definition (arXiv 2409.10309, section 3) on dense matrices: nothing of Apiary is used.
"""
import json

import torch
from torch.nn.functional import mse_loss, normalize

torch.manual_seed(5)
torch.set_num_threads(1)


def loss_case(name, users, positives, negatives, dim, repeat=False):
    a = torch.randn(positives + negatives, dim, dtype=torch.float64)
    x = (torch.rand(users, positives) < 0.3).double()
    x[0] = 0.0
    x[0, 0] = 1.0
    times = torch.ones(positives + negatives, dtype=torch.long)
    if repeat:
        times[positives:] = torch.randint(1, 4, (negatives,))
    leaf = a.clone().requires_grad_()
    unit = normalize(leaf, dim=-1)
    # A negative drawn k times stands in k columns.
    wide = unit.repeat_interleave(times, dim=0)
    y = torch.cat([x, torch.zeros(users, len(wide) - positives, dtype=torch.float64)], 1)
    predicted = torch.relu(x @ unit[:positives] @ wide.T - y)
    loss = mse_loss(normalize(y, dim=-1), normalize(predicted, dim=-1))
    loss.backward()
    return {"name": name, "rows": [r.nonzero().flatten().tolist() for r in x], "positives": positives,
            "embeddings": a.tolist(), "multiplicity": times.tolist() if repeat else [],
            "loss": loss.item(), "gradient": leaf.grad.tolist()}


def nadam_case():
    value = torch.randn(7, dtype=torch.float64)
    leaf = value.clone().requires_grad_()
    optimizer = torch.optim.NAdam([leaf], lr=0.01)
    gradients, values = [], []
    for _ in range(6):
        leaf.grad = torch.randn(7, dtype=torch.float64)
        gradients.append(leaf.grad.tolist())
        optimizer.step()
        values.append(leaf.detach().tolist())
    return {"start": value.tolist(), "learning_rate": 0.01, "gradients": gradients, "values": values}


print(json.dumps({"versions": {"torch": torch.__version__},
                  "loss": [loss_case("positives only", 5, 8, 0, 4), loss_case("with negatives", 6, 7, 9, 5),
                           loss_case("negatives drawn again", 6, 7, 9, 5, repeat=True)],
                  "nadam": nadam_case()}))
