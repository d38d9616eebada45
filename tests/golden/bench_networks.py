"""MultVAE, SASRec and Heater in plain PyTorch, written from the publications, for bench_recommenders.py."""

import numpy as np
import torch
from bench_references import Reference
from torch import nn
from torch.nn.functional import dropout, log_softmax, logsigmoid, normalize, scaled_dot_product_attention


def batches(count, size, generator):
    order = torch.randperm(count, generator=generator).numpy()
    return [order[b:b + size] for b in range(0, count, size)]


class Trained(Reference):
    program = "pytorch " + torch.__version__.split("+")[0]

    def fit(self):
        torch.manual_seed(self.seed)
        torch.set_num_threads(self.threads)
        self.shuffling = torch.Generator().manual_seed(self.seed)
        self.train()

    def scores(self, rows):
        self.network.eval()
        with torch.no_grad():
            return self.predict(rows).numpy()


class MultVae(Trained):
    """Liang, Krishnan, Hoffman, Jebara (WWW 2018): equations 1 to 7, Mult-VAE^PR, with the appendix's Glorot start."""

    class Network(nn.Module):
        def __init__(self, items, hidden, bottleneck, share):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(items, hidden), nn.Tanh(), nn.Linear(hidden, 2 * bottleneck))
            self.decoder = nn.Sequential(nn.Linear(bottleneck, hidden), nn.Tanh(), nn.Linear(hidden, items))
            self.share = share
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.xavier_uniform_(layer.weight)
                    nn.init.trunc_normal_(layer.bias, std=0.001, a=-0.002, b=0.002)

        def forward(self, x):
            mean, log_variance = self.encoder(dropout(normalize(x), self.share, self.training)).chunk(2, 1)
            z = mean + torch.randn_like(mean) * (log_variance / 2).exp() if self.training else mean
            return self.decoder(z), mean, log_variance

    def rows(self, matrix, users):
        return torch.from_numpy(matrix[users].toarray())

    def train(self):
        p, x = self.p, self.split.training
        self.network = self.Network(self.split.items, p["dim_hidden_layer"], p["dim_bottleneck_layer"], p["dropout"])
        optimizer = torch.optim.Adam(self.network.parameters(), p["learning_rate"])
        step = 0
        for _ in range(p["max_epochs"]):
            for users in batches(x.shape[0], p["batch_size"], self.shuffling):
                seen = self.rows(x, users)
                logits, mean, log_variance = self.network(seen)
                likelihood = (log_softmax(logits, 1) * seen).sum(1).mean()
                divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(1).mean()
                beta = min(p["max_beta"], step / p["anneal_steps"]) if p["anneal_steps"] else p["max_beta"]
                optimizer.zero_grad()
                (beta * divergence - likelihood).backward()
                optimizer.step()
                step += 1

    def predict(self, rows):
        return self.network(self.rows(self.split.sources, rows))[0]


class SasRec(Trained):
    """Kang, McAuley (ICDM 2018): sections III.A to III.E; x + Dropout(g(LayerNorm(x))) around attention and feed-forward."""

    class Network(nn.Module):
        def __init__(self, items, p):
            super().__init__()
            d = p["hidden_units"]
            self.heads, self.share, self.length = p["num_heads"], p["dropout_rate"], p["maxlen"]
            self.item = nn.Embedding(items + 1, d, padding_idx=0)
            self.position = nn.Parameter(torch.empty(self.length, d))
            self.blocks = nn.ModuleList()
            for _ in range(p["num_blocks"]):
                self.blocks.append(nn.ModuleDict({
                    "before": nn.LayerNorm(d), "query": nn.Linear(d, d), "key": nn.Linear(d, d), "value": nn.Linear(d, d),
                    "between": nn.LayerNorm(d), "inner": nn.Linear(d, d), "outer": nn.Linear(d, d)}))
            self.after = nn.LayerNorm(d)
            for name, weight in self.named_parameters():
                if weight.dim() > 1:
                    nn.init.xavier_uniform_(weight)
                elif name.endswith("bias"):
                    nn.init.zeros_(weight)
            with torch.no_grad():
                self.item.weight[0] = 0

        def drop(self, x):
            return dropout(x, self.share, self.training)

        def forward(self, sequence):
            batch, length = sequence.shape
            present = (sequence > 0).unsqueeze(2)
            x = self.item(sequence) * self.item.weight.shape[1] ** 0.5 + self.position
            x = self.drop(x) * present
            earlier = torch.ones(length, length, dtype=torch.bool).tril()
            # A padded place sees itself, so that no row of the attention is empty; nothing reads it.
            allowed = earlier & (present.transpose(1, 2) | torch.eye(length, dtype=torch.bool))
            for block in self.blocks:
                normed = block["before"](x)
                q, k, v = (block[n](normed).view(batch, length, self.heads, -1).transpose(1, 2)
                           for n in ("query", "key", "value"))
                mixed = scaled_dot_product_attention(q, k, v, allowed.unsqueeze(1),
                                                     self.share if self.training else 0.0)
                x = x + self.drop(mixed.transpose(1, 2).reshape(batch, length, -1))
                hidden = self.drop(block["inner"](block["between"](x)).relu())
                x = (x + self.drop(block["outer"](hidden))) * present
            return self.after(x)

    def padded(self, sequences, length):
        out = np.zeros((len(sequences), length), np.int64)
        for row, sequence in zip(out, sequences):
            last = sequence[-length:]
            row[length - len(last):] = np.asarray(last) + 1
        return out

    def train(self):
        p, count = self.p, self.split.items
        sequences = self.split.sequences("training")
        had = [set(s) for s in sequences]
        self.network = self.Network(count, p)
        optimizer = torch.optim.Adam(self.network.parameters(), p["lr"], betas=(0.9, 0.98))
        draw = np.random.default_rng(self.seed)
        inputs = self.padded([s[:-1] for s in sequences], p["maxlen"])
        following = self.padded([s[1:] for s in sequences], p["maxlen"])
        for _ in range(p["num_epochs"]):
            for users in batches(len(sequences), p["batch_size"], self.shuffling):
                others = draw.integers(0, count, following[users].shape)
                for row, user in zip(others, users):
                    for at, item in enumerate(row):
                        while item in had[user]:
                            item = draw.integers(0, count)
                        row[at] = item
                states = self.network(torch.from_numpy(inputs[users]))
                wanted = torch.from_numpy(following[users])
                here = wanted > 0
                yes = (states * self.network.item(wanted)).sum(2)[here]
                no = (states * self.network.item(torch.from_numpy(others) + 1)).sum(2)[here]
                optimizer.zero_grad()
                (-logsigmoid(yes).mean() - logsigmoid(-no).mean()).backward()
                optimizer.step()

    def predict(self, rows):
        if not hasattr(self, "known"):
            self.known = self.padded(self.split.sequences("sources"), self.p["maxlen"])
        return self.network(torch.from_numpy(self.known[rows]))[:, -1] @ self.network.item.weight[1:].T


class Heater(Trained):
    """Zhu, Sefati, Saadatpanah, Caverlee (SIGIR 2020): mixture of experts, similarity constraint, randomised training; first
    vectors from ALS of `implicit`, scaled and cut off as the authors scale and cut theirs."""

    class Network(nn.Module):
        def __init__(self, content, rank, experts):
            super().__init__()
            self.gate = nn.Linear(content, experts)
            self.experts = nn.ModuleList(nn.Linear(content, rank) for _ in range(experts))
            self.user, self.item = (nn.Sequential(nn.Linear(rank, rank), nn.BatchNorm1d(rank, eps=1e-3), nn.Tanh(),
                                                  nn.Linear(rank, rank)) for _ in range(2))
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.trunc_normal_(layer.weight, std=0.01, a=-0.02, b=0.02)
                    nn.init.zeros_(layer.bias)

        def transformed(self, content):
            shares = self.gate(content).tanh()
            return torch.tanh(sum(shares[:, i:i + 1] * e(content).tanh() for i, e in enumerate(self.experts)))

        def penalty(self):
            return sum((w**2).sum() for layer in self.modules() if isinstance(layer, nn.Linear) for w in layer.parameters())

    @staticmethod
    def scaled(rows, known, most):
        mean, deviation = rows[known].mean(0), rows[known].std(0)
        return torch.tensor(np.clip((rows - mean) / np.maximum(deviation, 1e-6), -most, most), dtype=torch.float32)

    def train(self):
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        p, x = self.p, self.split.training
        with threadpool_limits(1, "blas"):
            cf = AlternatingLeastSquares(factors=p["rank"], alpha=p["cf_alpha"], regularization=p["cf_regularization"],
                                         random_state=self.seed, num_threads=self.threads)
            cf.fit(x, show_progress=False)
            users = cf.recalculate_user(np.arange(x.shape[0]), x)
            asked = cf.recalculate_user(np.arange(self.split.sources.shape[0]), self.split.sources)
        torch.set_num_threads(self.threads)
        warm = np.flatnonzero(np.diff(x.tocsc().indptr))
        everyone = np.arange(x.shape[0])
        mean, deviation = users.mean(0), users.std(0)
        self.asked = torch.tensor(np.clip((asked - mean) / deviation, -5, 5), dtype=torch.float32)
        users = self.scaled(users, everyone, 5)
        items = self.scaled(cf.item_factors, warm, 1)
        content = self.scaled(self.split.embeddings, warm, 5)

        self.network = net = self.Network(content.shape[1], p["rank"], p["dim"])
        optimizer = torch.optim.SGD(net.parameters(), p["lr"], momentum=0.9)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.8)
        positive = torch.tensor(np.stack(x.nonzero(), 1))
        pool = torch.tensor(warm)
        for _ in range(p["epochs"]):
            drawn = pool[torch.randint(len(pool), (p["neg"] * len(positive),), generator=self.shuffling)]
            pairs = torch.cat([positive, torch.stack([positive[:, 0].repeat(p["neg"]), drawn], 1)])
            wanted = torch.cat([torch.ones(len(positive)), torch.zeros(len(drawn))])
            for batch in batches(len(pairs), p["batch_size"], self.shuffling):
                if len(batch) < 2:
                    continue
                who, what = pairs[batch].T
                vectors, new = items[what], net.transformed(content[what])
                by_content = (torch.rand(len(batch), 1, generator=self.shuffling) < p["dropout"]).float()
                fit = (net.user(users[who]) * net.item(vectors * (1 - by_content) + new * by_content)).sum(1)
                loss = ((fit - wanted[batch]) ** 2).mean() + p["reg"] * net.penalty() + p["alpha"] * ((new - vectors) ** 2).sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            vectors = net.transformed(content)
            vectors[pool] = items[pool]
            self.vectors = net.item(vectors)

    def predict(self, rows):
        return self.network.user(self.asked[rows]) @ self.vectors.T
