"""Reading an export with the tool it is meant for; each reader says what the tool found, or raises."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dataprep.exporting import Exported

TEMPLATE = (
    "{% if tools %}<|im_start|>system\n{{ tools | tojson }}<|im_end|>\n{% endif %}"
    "{% for m in messages %}{% if m.role == 'assistant' %}<|im_start|>assistant\n{% generation %}{{ m.content }}"
    "{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}<|im_end|>{% endgeneration %}\n"
    "{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TINY = 'use_cpu=True, bf16=False, max_steps=2, report_to="none"'
TYPES = {
    frozenset({"messages"}): "language modelling",
    frozenset({"prompt", "completion"}): "prompt-completion",
    frozenset({"prompt", "chosen", "rejected"}): "preference",
    frozenset({"prompt", "completion", "label"}): "unpaired preference",
    frozenset({"prompt"}): "prompt-only",
    frozenset({"text"}): "text",
}


class DisagreementError(Exception):
    """A tool read something else than was written."""


def need(holds: object, found: object) -> None:
    """Raise DisagreementError with what was found unless something holds."""
    if not holds:
        raise DisagreementError(found)


def records(folder: Path, name: str) -> list[dict[str, Any]]:
    """The lines of a data file."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def without_nulls(value: Any) -> Any:
    """A value without what a table adds to rows that lack a field."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def read_hub(done: Exported, source: Path) -> str:
    """`datasets.load_dataset` gives back every row of the split folder, unchanged."""
    from datasets import load_dataset  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    data = load_dataset(str(done.folder))
    for name, rows in data.items():
        need(rows.num_rows == done.rows[name], f"{name}: {rows.num_rows} rows")
        need(without_nulls(list(rows)) == without_nulls(records(source, f"{name}.jsonl")), f"{name}: rows differ")
    return "load_dataset: " + ", ".join(f"{rows.num_rows} {name}" for name, rows in data.items())


def read_croissant(done: Exported, source: Path) -> str:
    """`mlcroissant validate` has no errors, and its reader finds every row."""
    import mlcroissant  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    path = done.folder / "croissant.json"
    command = [str(Path(sys.executable).with_name("mlcroissant")), "validate", "--jsonld", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    need(told.returncode == 0, told.stderr)
    data = mlcroissant.Dataset(str(path))
    counts = {}
    for name, rows in done.rows.items():
        found = list(data.records(name))
        ids = [_text(record[f"{name}/row_id"]) for record in found]
        need(ids == [row["row_id"] for row in records(source, f"{name}.jsonl")], f"{name}: rows differ")
        counts[name] = len(found)
        need(counts[name] == rows, f"{name}: {counts[name]} rows")
    warnings = told.stderr.count("WARNING") + len(data.metadata.ctx.issues.warnings)
    return f"validate: ok, {warnings} warnings; read {', '.join(f'{count} {name}' for name, count in counts.items())}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def tiny_model(folder: Path) -> Path:
    """A model of two layers with a tokenizer of bytes and a chat template, saved."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|im_start|>", "<|im_end|>", "<pad>"]
    base = Tokenizer(models.BPE(vocab={token: n for n, token in enumerate([*letters, *special])}, merges=[]))
    base.pre_tokenizer, base.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base, eos_token=special[1], pad_token=special[2])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    tokenizer.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class Trl:
    """Reads with TRL; the model is made once."""

    def __init__(self, model: Path) -> None:
        self.model = model

    def read(self, done: Exported, _source: Path) -> str:
        """Each file is of one of TRL's types, the chat template takes every row, and the script trains."""
        from transformers import AutoTokenizer  # noqa: PLC0415
        from trl.data_utils import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
            apply_chat_template,
            is_conversational,
        )

        tokenizer, found = AutoTokenizer.from_pretrained(self.model), set()
        for name in done.rows:
            for row in records(done.folder, f"{name}.jsonl"):
                known = row.keys() - {"row_id", "tools"}
                chat = is_conversational({key: row[key] for key in known})
                found.add(("conversational " if chat else "") + TYPES[frozenset(known)])
                if chat:
                    apply_chat_template(row, tokenizer, tools=json.loads(row.get("tools", "null")))
        need(len(found) == 1, found)
        scripts = [name for name in done.files if name.endswith(".py")]
        trained = "no script"
        for script in scripts:
            # Only what this machine lacks is changed: a GPU, and the time for more than two steps.
            text = (done.folder / script).read_text().replace("output_dir=", f"{TINY}, output_dir=")
            (done.folder / "tiny.py").write_text(text)
            command = [sys.executable, str(done.folder / "tiny.py"), str(self.model), str(done.folder / "run")]
            told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=done.folder)
            need(told.returncode == 0, told.stderr[-1500:])
            trained = f"{script} trains"
        return f"{found.pop()}; {trained}"


class Stub(types.ModuleType):
    """A module in the place of one that would import half a training stack."""

    def __init__(self, name: str, **content: Any) -> None:
        super().__init__(name)
        self.__dict__.update(content)
        sys.modules[name] = self


class Warnings:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda text, *_: self.told.append(str(text))


class LlamaFactory:
    """Reads with LLaMA-Factory's own parser, converters and formatters, without the rest of it."""

    def __init__(self, wheel: Path) -> None:
        self.logger = Warnings()
        package = wheel / "llamafactory"
        for name in ("llamafactory", "llamafactory.data", "llamafactory.extras"):
            Stub(name, __path__=[str(package.joinpath(*name.split(".")[1:]))])
        logging = Stub("llamafactory.extras.logging", get_logger=lambda _name: self.logger)
        sys.modules["llamafactory.extras"].logging = logging  # type: ignore[attr-defined]
        Stub("llamafactory.extras.constants", DATA_CONFIG="dataset_info.json")
        Stub("llamafactory.extras.misc", use_modelscope=lambda: False, use_openmind=lambda: False)
        self.parser = importlib.import_module("llamafactory.data.parser")
        self.converter = importlib.import_module("llamafactory.data.converter")
        self.formatter = importlib.import_module("llamafactory.data.formatter")

    def read(self, done: Exported, _source: Path) -> str:
        """Every row of every file becomes a prompt and as many responses as its stage wants."""
        from datasets import load_dataset  # noqa: PLC0415

        self.logger.told.clear()
        names = list(json.loads((done.folder / "dataset_info.json").read_text()))
        rows, kinds = 0, set()
        for attr in self.parser.get_dataset_list(names, str(done.folder)):
            convert = self.converter.get_dataset_converter(attr.formatting, attr, types.SimpleNamespace(media_dir="."))
            path = str(done.folder / attr.dataset_name)
            for row in load_dataset("json", data_files=path, split="train"):
                made = convert(row)
                kinds.add(self.check(made, attr))
                rows += 1
        need(not self.logger.told, self.logger.told[:1])
        need(rows == sum(done.rows.values()), f"{rows} rows")
        return f"{rows} rows through its converter ({', '.join(sorted(kinds))}), 0 warnings"

    def check(self, made: dict[str, Any], attr: Any) -> str:
        """Prompt and response are what the processor of the stage keeps; calls and tools can be formatted."""
        prompt, response = made["_prompt"], made["_response"]
        need(len(prompt) % 2 == 1, made)
        for turn in (*prompt, *response):
            if turn["role"] == "function":
                self.formatter.FunctionFormatter(slots=["{{content}}"], tool_format="default").apply(
                    content=turn["content"]
                )
        if made["_tools"]:
            self.formatter.ToolFormatter(tool_format="default").apply(content=made["_tools"])
        if attr.ranking or attr.kto_tag:
            need(len(response) == 2, made)
            return "ranking" if attr.ranking else "kto_tag"
        if attr.formatting == "alpaca":
            need(not response, made)
            return "pretraining"
        need(len(response) == 1, made)
        return str(attr.formatting)


class Axolotl:
    """Reads with Axolotl's own schemas and prompt strategies."""

    def __init__(self, wheel: Path, model: Path) -> None:
        from transformers import AutoTokenizer  # noqa: PLC0415

        self.tokenizer = AutoTokenizer.from_pretrained(model)
        package = wheel / "axolotl"
        for name in ("axolotl", "axolotl.prompt_strategies", "axolotl.prompt_strategies.dpo", "axolotl.utils"):
            Stub(name, __path__=[str(package.joinpath(*name.split(".")[1:]))])
        Stub("axolotl.prompt_strategies.kto", __path__=[str(package / "prompt_strategies" / "kto")])
        Stub("axolotl.utils.logging", get_logger=lambda _name: Warnings())
        self.schemas = importlib.import_module("axolotl.utils.schemas.datasets")

    def read(self, done: Exported, _source: Path) -> str:
        """The configuration is valid, and the strategy it names takes every row of the files it names."""
        import yaml  # noqa: PLC0415
        from datasets import load_dataset  # noqa: PLC0415

        rows, kinds = 0, set()
        for name in (name for name in done.files if name.endswith(".yaml")):
            config = yaml.safe_load((done.folder / name).read_text())
            for block in (*config["datasets"], *config.get("test_datasets", [])):
                self.schemas.SFTDataset.model_validate(dict(block))
                take = self.strategy(config.get("rl"), block)
                path = str(done.folder / block["path"])
                for row in load_dataset(block["ds_type"], data_files=path, split=block["split"]):
                    take(row)
                    rows += 1
                kinds.add(f"{config.get('rl', 'sft')} {block['type']}")
        need(rows == done.rows["train"] + done.rows["validation"], f"{rows} rows")
        return f"{rows} rows through {', '.join(sorted(kinds))}"

    def strategy(self, method: str | None, block: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
        """The function that Axolotl would map over the rows."""
        config = {"datasets": [block], "chat_template": "tokenizer_default"}
        if method == "dpo":
            module = importlib.import_module("axolotl.prompt_strategies.dpo.chat_template")
            transform, _ = module.default(config)
            return lambda row: transform(row, tokenizer=self.tokenizer)
        if method == "kto":
            module = importlib.import_module("axolotl.prompt_strategies.kto.chatml")
            transform = module.ultra(config)
            return lambda row: self.labelled(transform(row))
        if block["type"] == "completion":
            return lambda row: row[block["field"]].strip()
        return self.conversation(block)

    def labelled(self, row: dict[str, Any]) -> None:
        """A row as TRL's KTO trainer wants it."""
        need(row["prompt"], row)
        need(isinstance(row["label"], bool), row)

    def conversation(self, block: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
        """Axolotl's tokenizing of conversations: something must be learnt, and not everything."""
        module = importlib.import_module("axolotl.prompt_strategies.chat_template")
        prompter = module.ChatTemplatePrompter(
            self.tokenizer,
            chat_template=TEMPLATE,
            message_property_mappings=block["message_property_mappings"],
            message_field_training=block.get("message_field_training"),
            field_messages=block["field_messages"],
        )
        strategy = module.ChatTemplateStrategy(
            prompter,
            tokenizer=self.tokenizer,
            train_on_inputs=False,
            sequence_len=4096,
            roles_to_train=block["roles_to_train"],
            train_on_eos=block["train_on_eos"],
        )

        def take(row: dict[str, Any]) -> None:
            labels = strategy.tokenize_prompt(row)["labels"]
            trained = sum(label != -100 for label in labels)
            need(0 < trained < len(labels), (trained, row))

        return take


def openai_lines(done: Exported, _source: Path) -> str:
    """Nothing of OpenAI runs here: the shape of every line, as the API reference has it."""
    shapes = set()
    for name in done.rows:
        for row in records(done.folder, f"{name}.jsonl"):
            shapes.add(tuple(sorted(row)))
            for turn in row.get("messages", row.get("input", {}).get("messages", ())):
                need(turn["role"] in {"system", "developer", "user", "assistant", "tool"}, turn)
    return "keys: " + " / ".join(", ".join(shape) for shape in sorted(shapes)) + " (shape only)"
