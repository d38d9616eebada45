"""Recommenders of others for bench_recommenders.py: EASE, sparse EASE, content and mix in NumPy and SciPy, item-KNN and ALS from
`implicit`, ELSA from `elsarec`. Each is a class with fit() and scores(rows of sources) or top(); parameters have our names."""

import importlib.metadata
import json

import numpy as np
import scipy.sparse as sp

TOP, BLOCK = 100, 512


class Split:
    """What bench_recommenders wrote with --lists."""

    def __init__(self, folder, dimensions=0):
        self.raw = json.load(open(f"{folder}/split.json"))
        self.items = self.raw["items"]
        self.training = self.matrix(self.raw["training"])
        self.sources = self.matrix(self.raw["sources"])
        self.targets = [np.array(row) for row in self.raw["targets"]]
        self.candidates = np.array(self.raw["candidates"])
        self.embeddings = None
        if dimensions:
            self.embeddings = np.fromfile(f"{folder}/embeddings.f32", np.float32).reshape(self.items, -1)

    def matrix(self, lists):
        ends = np.cumsum([0, *map(len, lists)])
        return sp.csr_matrix((np.ones(ends[-1], np.float32), np.concatenate([np.array(r, int) for r in lists]), ends),
                             shape=(len(lists), self.items))

    def sequences(self, which):
        """Items of each user, oldest first; equal times keep the order of the items."""
        times = self.raw["training_times" if which == "training" else "source_times"]
        return [np.array(row)[np.argsort(when, kind="stable")] for row, when in zip(self.raw[which], times)]


def metrics(lists, targets):
    """Means over users of calibrated recall and NDCG."""
    gains = 1 / np.log2(np.arange(2, TOP + 2))

    def one(recommended, wanted):
        hits = np.isin(recommended, wanted)
        recall = [hits[:k].sum() / min(k, len(wanted)) for k in (20, 50)]
        return [*recall, (hits * gains[: len(hits)]).sum() / gains[: min(TOP, len(wanted))].sum()]

    values = np.mean([one(r, w) for r, w in zip(lists, targets)], axis=0)
    return dict(zip(("recall@20", "recall@50", "ndcg@100"), map(float, values)))


class Reference:
    """Ranks by matrix products and argpartition, as Python programs do; a user's own items are left out."""

    single_blas = False  # whether the package wants its BLAS to keep to one thread

    def __init__(self, split, parameters, seed, threads):
        self.split, self.p, self.seed, self.threads = split, parameters, seed, threads

    def top(self):
        split, parts = self.split, []
        for begin in range(0, split.sources.shape[0], BLOCK):
            rows = np.arange(begin, min(begin + BLOCK, split.sources.shape[0]))
            scores = np.array(self.scores(rows), np.float32)
            scores[split.sources[rows].nonzero()] = -np.inf
            scores = scores[:, split.candidates]
            part = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
            best = np.take_along_axis(part, np.argsort(-np.take_along_axis(scores, part, 1), axis=1), 1)
            parts.append(split.candidates[best])
        return np.concatenate(parts)


class Popularity(Reference):
    program = "numpy"

    def fit(self):
        self.counts = np.asarray(self.split.training.sum(0)).ravel()

    def scores(self, rows):
        return np.tile(self.counts, (len(rows), 1))


class Ease(Reference):
    program = "numpy"

    def fit(self):
        g = (self.split.training.T @ self.split.training).toarray()
        g[np.diag_indices_from(g)] += self.p["lambda"]
        inverse = np.linalg.inv(g)
        self.b = inverse / -np.diag(inverse)
        self.b[np.diag_indices_from(self.b)] = 0

    def scores(self, rows):
        return self.split.sources[rows] @ self.b


class Sansa(Reference):
    """EASE whose column j has weights at the items with the largest cosine to j only, solved for there in float64."""

    program = "scipy"

    def fit(self):
        x = self.split.training.astype(np.float64).tocsr()
        g, n = (x.T @ x).tocsr(), x.shape[1]
        places = min(max(1, round(self.p["weight_matrix_density"] * n)), n)
        norms, columns = np.sqrt(g.diagonal()), []
        for j in range(n):
            begin, end = g.indptr[j:j + 2]
            others = g.indices[begin:end] != j
            near, shared = g.indices[begin:end][others], g.data[begin:end][others]
            best = np.lexsort((near, -np.round(shared / norms[near], 12)))[:places]
            near, shared = near[best], shared[best]
            inner = g[near][:, near].toarray() + self.p["l2"] * np.eye(len(near))
            weights = np.linalg.solve(inner, shared) if len(near) else np.zeros(0)
            columns.append(sp.csc_matrix((weights, near, [0, len(near)]), shape=(n, 1)))
        self.b = sp.hstack(columns, "csr")

    def scores(self, rows):
        return (self.split.sources[rows] @ self.b).toarray()


class Content(Reference):
    program = "numpy"

    def fit(self):
        a = self.split.embeddings
        self.a = a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-12)

    def scores(self, rows):
        x = self.split.sources[rows]
        return np.maximum(x @ self.a @ self.a.T - x.toarray(), 0)


class Mix(Reference):
    """Content and another, each scaled to [0, 1] among the candidates that the user does not have."""

    program = "numpy"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        kinds = {"popularity": Popularity, "ease": Ease, "sansa": Sansa}
        given = {"ease": {"lambda": 500}, "sansa": {"l2": 500, "weight_matrix_density": 0.01}}.get(self.p["cf"], {})
        self.content = Content(*arguments)
        self.cf = kinds[self.p["cf"]](arguments[0], {**given, **self.p["cf_parameters"]}, *arguments[2:])

    def fit(self):
        self.content.fit()
        self.cf.fit()

    def scores(self, rows):
        out = np.ones((len(rows), self.split.items), bool)
        out[:, self.split.candidates] = False
        out[self.split.sources[rows].nonzero()] = True

        def scaled(scores):
            part = np.ma.masked_array(scores, out)
            least, most = part.min(1).data[:, None], part.max(1).data[:, None]
            return (scores - least) / np.maximum(most - least, 1e-30)

        weight = self.p["weight"]
        return weight * scaled(self.content.scores(rows)) + (1 - weight) * scaled(self.cf.scores(rows))


class OfImplicit(Reference):
    program = "implicit " + importlib.metadata.version("implicit")
    single_blas = True

    def fit(self):
        self.model = self.make()
        self.model.fit(self.split.training, show_progress=False)

    def top(self):
        everything = len(self.split.candidates) == self.split.items
        return self.model.recommend(np.arange(self.split.sources.shape[0]), self.split.sources, N=TOP,
                                    filter_already_liked_items=True, **self.more,
                                    items=None if everything else self.split.candidates)[0]


class ItemKnn(OfImplicit):
    more = {}

    def make(self):
        from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
        common = {"K": self.p["K"] + 1, "num_threads": self.threads}  # an item may be among its own neighbours
        if self.p["similarity"] == "bm25":
            return BM25Recommender(**common, K1=self.p["K1"], B=self.p["B"])
        return {"cosine": CosineRecommender, "tfidf": TFIDFRecommender}[self.p["similarity"]](**common)


class Ials(OfImplicit):
    more = {"recalculate_user": True}

    def make(self):
        from implicit.cpu.als import AlternatingLeastSquares
        return AlternatingLeastSquares(**self.p, random_state=self.seed, num_threads=self.threads)


class Elsa(Reference):
    program = "elsarec"

    def fit(self):
        self.program += " " + importlib.metadata.version("elsarec")
        import torch
        from elsa import ELSA as Package

        torch.manual_seed(self.seed)
        torch.set_num_threads(self.threads)
        self.model = Package(self.split.items, self.p["n_dims"], device=torch.device("cpu"), lr=self.p["lr"])
        self.model.fit(self.split.training, epochs=self.p["epochs"], batch_size=self.p["batch_size"], shuffle=True,
                       verbose=False)

    def scores(self, rows):
        import torch

        with torch.no_grad():
            return self.model(torch.tensor(self.split.sources[rows].toarray())).numpy()
