#!/usr/bin/env python3
"""Golden values of the encoder architectures, from transformers, and of what follows them, from sentence-transformers.

Writes under data/architectures/NAME/ a small randomly initialised checkpoint of the exact architecture:
  config.json, model.safetensors   as the hub has them (random weights, biases and normalisations included)
  golden.safetensors               ids and offsets of some texts; embeddings.{mean,cls,last} in eval mode, float32;
                                   loss.weights, loss = sum(mean embeddings * loss.weights) and its gradients, found in
                                   float64. A gradient of more than 600 numbers stands as projection @ gradient.
and under data/modules/NAME/ what differs from the folder data/tiny-bert in a sentence-transformers folder, with
  golden.safetensors               ids and offsets of TEXTS of data/texts.json, embeddings (and embeddings.PROMPT)
A folder with a model.safetensors.index.json has no model.safetensors.
Versions are in each file's metadata. Needs torch, transformers, sentence-transformers, safetensors.

    HF_HUB_OFFLINE=1 python architectures.py [--only NAME ...]
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy
import safetensors.torch
import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, LayerNorm, Normalize, Pooling, Transformer

DATA = Path(__file__).parent / "data"
VERSIONS = {
    "torch": torch.__version__,
    "transformers": transformers.__version__,
    "sentence-transformers": sentence_transformers.__version__,
    "numpy": np.__version__,
}
VOCABULARY = 90
PAD_IN_TEXT = {"mpnet": 1, "xlm_roberta": 1, "roberta": 1}
BERT_LIKE = dict(
    vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
    hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, layer_norm_eps=1e-5,
)


def configurations():
    """name → (model class, configuration, tokens a text at most)."""
    t = transformers
    nomic = t.NomicBertConfig(**BERT_LIKE, hidden_act="silu", max_position_embeddings=96, pad_token_id=0)
    modern = dict(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=40, num_hidden_layers=4, num_attention_heads=4,
        max_position_embeddings=96, local_attention=16, attention_dropout=0.1, embedding_dropout=0.1, mlp_dropout=0.1,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
    )
    qwen = dict(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=40, num_attention_heads=4, num_key_value_heads=2,
        head_dim=12, max_position_embeddings=96, attention_dropout=0.1, rope_parameters={"rope_type": "default",
        "rope_theta": 1e6}, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=2,
    )
    return {
        # Longer than the 128 tokens at which MPNet's relative positions end.
        "mpnet": (t.MPNetModel, t.MPNetConfig(**BERT_LIKE, max_position_embeddings=162), 160),
        "xlm_roberta": (
            t.XLMRobertaModel, t.XLMRobertaConfig(**BERT_LIKE, max_position_embeddings=66, type_vocab_size=1), 64),
        "roberta": (
            t.RobertaModel,
            t.RobertaConfig(**BERT_LIKE, max_position_embeddings=66, type_vocab_size=1, hidden_act="gelu_new"), 64),
        "distilbert": (
            t.DistilBertModel,
            t.DistilBertConfig(vocab_size=VOCABULARY, dim=32, hidden_dim=40, n_layers=2, n_heads=4,
                               max_position_embeddings=64), 64),
        "nomic_bert": (t.NomicBertModel, nomic, 96),
        "nomic_bert_hub": (t.NomicBertModel, nomic, 96),
        "modern_bert": (t.ModernBertModel, t.ModernBertConfig(**modern), 96),
        "modern_bert_biased": (
            t.ModernBertModel,
            t.ModernBertConfig(**{**modern, "num_hidden_layers": 2}, attention_bias=True, mlp_bias=True,
                               norm_bias=True, layer_types=["sliding_attention", "full_attention"]), 96),
        "qwen3": (t.Qwen3Model, t.Qwen3Config(**qwen, num_hidden_layers=2), 96),
        "qwen3_windowed": (
            t.Qwen3Model,
            t.Qwen3Config(**qwen, num_hidden_layers=2, attention_bias=True, use_sliding_window=True, sliding_window=9,
                          max_window_layers=1), 96),
    }


def randomise(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = "norm" in name.lower() and name.endswith("weight") or name.endswith("emb_ln.weight")
            parameter.normal_(1.0 if norm else 0.0, 0.2)


# The names of the hub's nomic-embed-text and nomic-bert-2048, whose linear layers for query, key and value are one.
HUB_NAMES = [
    ("embeddings.LayerNorm", "emb_ln"), ("layers.", "encoder.layers."), ("self_attn.o_proj", "attn.out_proj"),
    ("mlp.up_proj", "mlp.fc11"), ("mlp.gate_proj", "mlp.fc12"), ("mlp.down_proj", "mlp.fc2"),
    ("post_attention_layernorm", "norm1"), ("post_mlp_layernorm", "norm2"),
]


def hub_name(name):
    for own, hub in HUB_NAMES:
        name = name.replace(own, hub)
    return name


def hub_tensors(tensors):
    """Native names → hub names, with query, key and value joined."""
    out = {}
    for name, value in tensors.items():
        if ".q_proj." in name:
            parts = [tensors[name.replace(".q_proj.", f".{p}_proj.")] for p in "qkv"]
            out[hub_name(name.replace("self_attn.q_proj", "attn.Wqkv"))] = torch.cat(parts).contiguous()
        elif ".k_proj." not in name and ".v_proj." not in name:
            out[hub_name(name)] = value
    return out


def hub_configuration(config):
    """config.json as the hub's Nomic models have it."""
    return {
        "activation_function": "swiglu", "architectures": ["NomicBertModel"], "attn_pdrop": 0.1, "bos_token_id": None,
        "causal": False, "dense_seq_output": True, "embd_pdrop": 0.1, "eos_token_id": None,
        "layer_norm_epsilon": config.layer_norm_eps, "max_trained_positions": 96, "mlp_fc1_bias": False,
        "mlp_fc2_bias": False, "model_type": "nomic_bert", "n_embd": config.hidden_size,
        "n_head": config.num_attention_heads, "n_inner": config.intermediate_size,
        "n_layer": config.num_hidden_layers, "n_positions": config.max_position_embeddings, "pad_vocab_size_multiple": 1,
        "parallel_block": False, "parallel_block_tied_norm": False, "prenorm": False, "qkv_proj_bias": False,
        "reorder_and_upcast_attn": False, "resid_pdrop": 0.1, "rotary_emb_base": config.rope_parameters["rope_theta"],
        "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": False, "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None, "scale_attn_by_inverse_layer_idx": False, "scale_attn_weights": True,
        "torch_dtype": "float32", "type_vocab_size": 2, "use_cache": True, "use_flash_attn": True,
        "use_rms_norm": False, "use_xentropy": True, "vocab_size": config.vocab_size,
    }


def texts_of(name, longest):
    random = np.random.default_rng(11)
    rows = [random.integers(3, VOCABULARY, size=n) for n in (longest, 2, 3, 37, 20)]
    if name in PAD_IN_TEXT:
        rows[3][12] = PAD_IN_TEXT[name]  # a text may spell the padding token, which has a position of its own
    return rows


def states_of(model, row):
    ids = torch.from_numpy(row)[None].long()
    return model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]


def golden_architecture(name, model_class, config, longest):
    folder = DATA / "architectures" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = model_class(config, **({"add_pooling_layer": False} if "mpnet roberta".find(name) >= 0 else {})).eval()
    randomise(model, 20261124)
    if name == "nomic_bert_hub":
        tensors = hub_tensors(dict(model.named_parameters()))
        safetensors.torch.save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        (folder / "config.json").write_text(json.dumps(hub_configuration(config), indent=2) + "\n")
    else:
        model.save_pretrained(folder, save_original_format=False)
        (folder / "generation_config.json").unlink(missing_ok=True)
    rows = texts_of(name, longest)
    out = {
        "ids": np.concatenate(rows).astype(np.int32),
        "offsets": np.cumsum([0] + [len(r) for r in rows]).astype(np.int64),
    }
    with torch.no_grad():
        states = [states_of(model, row) for row in rows]
    out["embeddings.mean"] = torch.stack([s.mean(0) for s in states]).numpy()
    out["embeddings.cls"] = torch.stack([s[0] for s in states]).numpy()
    out["embeddings.last"] = torch.stack([s[-1] for s in states]).numpy()

    random = np.random.default_rng(7)
    weights = random.standard_normal((len(rows), config.hidden_size)).astype(np.float32)
    out["loss.weights"] = weights
    out["projection"] = random.standard_normal((4, 192)).astype(np.float32)
    model = model.double()
    means = torch.stack([states_of(model, row).mean(0) for row in rows])
    print(name, "float32 differs from float64 by", np.abs(means.detach().numpy() - out["embeddings.mean"]).max())
    loss = (means * torch.from_numpy(weights).double()).sum()
    loss.backward()
    out["loss"] = np.array([loss.item()])
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    for parameter, gradient in (hub_tensors(gradients) if name == "nomic_bert_hub" else gradients).items():
        gradient = gradient.numpy()
        if gradient.size > 600:
            gradient = out["projection"][:, : gradient.shape[0]].astype(np.float64) @ gradient
        out["gradient." + parameter] = np.ascontiguousarray(gradient.astype(np.float32))
    safetensors.numpy.save_file(out, folder / "golden.safetensors", VERSIONS)


TEXTS = 8
LEGACY_POOLING = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]


def module_rows():
    """name → (modules after the tiny BERT, prompts, default prompt)."""
    torch.manual_seed(5)
    dense = Dense(32, 16, bias=True, activation_function=torch.nn.Tanh())
    plain = Dense(32, 24, bias=False, activation_function=torch.nn.Identity())
    norm = LayerNorm(32)
    with torch.no_grad():
        norm.norm.weight.normal_(1, 0.2)
        norm.norm.bias.normal_(0, 0.2)
    prompts = {"query": "a letter for the ", "document": "story: "}
    rows = {f"pooling_{mode}": ([Pooling(32, mode)], None, None) for mode in Pooling.POOLING_MODES}
    rows["pooling_two"] = ([Pooling(32, ("mean", "cls")), Normalize()], None, None)
    rows["pooling_two_legacy"] = ([Pooling(32, ("max", "lasttoken"))], None, None)
    rows["dense_tanh"] = ([Pooling(32, "mean"), dense, Normalize()], None, None)
    rows["dense_identity"] = ([Pooling(32, "mean"), plain], None, None)
    rows["layer_norm"] = ([Pooling(32, "mean"), norm, Normalize()], None, None)
    rows["prompts"] = ([Pooling(32, "mean"), Normalize()], prompts, "document")
    for mode in ("mean", "cls", "weightedmean", "max"):
        rows[f"without_prompt_{mode}"] = ([Pooling(32, mode, include_prompt=False)], prompts, None)
    rows["bf16"] = ([Pooling(32, "mean"), Normalize()], None, None)
    rows["fp16_sharded"] = ([Pooling(32, "mean"), Normalize()], None, None)
    rows["truncate_dim"] = ([Pooling(32, "mean"), Normalize()], None, None)
    rows["older_norm_names"] = ([Pooling(32, "mean")], None, None)
    return rows


def make_modules(name, row, whole):
    """A complete sentence-transformers folder at `whole`."""
    modules, prompts, default = row
    base = Transformer(str(DATA / "tiny-bert"), max_seq_length=48)
    SentenceTransformer(
        modules=[base, *modules], device="cpu", prompts=prompts, default_prompt_name=default
    ).save(str(whole), create_model_card=False)
    if name in ("bf16", "fp16_sharded"):
        (whole / "model.safetensors").unlink()
        size = "30KB" if name == "fp16_sharded" else "1GB"
        half = torch.bfloat16 if name == "bf16" else torch.float16
        transformers.BertModel.from_pretrained(DATA / "tiny-bert", add_pooling_layer=False, dtype=torch.float32).to(
            half
        ).save_pretrained(whole, max_shard_size=size)
    if name == "truncate_dim":
        file = whole / "config_sentence_transformers.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "truncate_dim": 12}, indent=2) + "\n")
    if name == "older_norm_names":
        file = whole / "model.safetensors"
        older = {
            n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): t
            for n, t in safetensors.numpy.load_file(file).items()
        }
        safetensors.numpy.save_file(older, file, {"format": "pt"})
    if name == "pooling_two_legacy":
        legacy = {f"pooling_mode_{m}": m in ("max_tokens", "lasttoken") for m in LEGACY_POOLING}
        config = {"word_embedding_dimension": 32, **legacy, "include_prompt": True}
        (whole / "1_Pooling" / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def golden_modules(name, row, texts):
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        make_modules(name, row, whole)
        folder = DATA / "modules" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in sorted(whole.rglob("*")):
            base = DATA / "tiny-bert" / path.relative_to(whole)
            if not path.is_file() or base.is_file() and base.read_bytes() == path.read_bytes():
                continue
            if path.parent == whole and not path.name.startswith(("modules", "config", "model")):
                continue
            target = folder / path.relative_to(whole)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
        model = SentenceTransformer(str(whole), device="cpu", model_kwargs={"dtype": torch.float32}).eval()
        ids = [model.tokenizer(t, truncation=True, max_length=48)["input_ids"] for t in texts]
        out = {
            "ids": np.array([i for r in ids for i in r], np.int32),
            "offsets": np.cumsum([0] + [len(r) for r in ids]).astype(np.int64),
            "embeddings": model.encode(texts, batch_size=4),
        }
        for prompt in row[1] or {}:
            out[f"embeddings.{prompt}"] = model.encode(texts, batch_size=4, prompt_name=prompt)
            prompted = [model.tokenizer(row[1][prompt] + t, truncation=True, max_length=48)["input_ids"] for t in texts]
            out[f"ids.{prompt}"] = np.array([i for r in prompted for i in r], np.int32)
            out[f"offsets.{prompt}"] = np.cumsum([0] + [len(r) for r in prompted]).astype(np.int64)
            # Tokens of the prompt alone without the closing one: what pooling leaves out where it is told to.
            length = len(model.tokenizer(row[1][prompt])["input_ids"]) - 1
            out[f"prompt_length.{prompt}"] = np.array([length], np.int64)
        if name == "dense_tanh":
            out["embeddings.truncated"] = model.encode(texts, batch_size=4, truncate_dim=5)
            out["embeddings.truncated.normalized"] = model.encode(
                texts, batch_size=4, truncate_dim=5, normalize_embeddings=True
            )
        safetensors.numpy.save_file(out, folder / "golden.safetensors", VERSIONS)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", nargs="+", default=[], help="names of architectures or module rows")
    arguments = arguments.parse_args()
    torch.set_num_threads(1)
    for name, (model_class, config, longest) in configurations().items():
        if not arguments.only or name in arguments.only:
            golden_architecture(name, model_class, config, longest)
    texts = json.loads((DATA / "texts.json").read_text())[:TEXTS]
    for name, row in module_rows().items():
        if not arguments.only or name in arguments.only:
            golden_modules(name, row, texts)
    for file in [*DATA.glob("architectures/**/*"), *DATA.glob("modules/**/*")]:
        if file.is_file():
            file.chmod(0o644)


if __name__ == "__main__":
    main()
